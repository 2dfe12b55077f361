-- One row per measure of the register.
select
    cast(measure_id as varchar) as measure_id,
    cast(measure_name as varchar) as measure_name,
    cast(statutory_limb as varchar) as statutory_limb,
    cast(definition as varchar) as definition,
    cast(numerator as varchar) as numerator,
    cast(denominator as varchar) as denominator,
    cast(unit as varchar) as unit,
    cast(rate_per as integer) as rate_per,
    cast(method as varchar) as method,
    cast(polarity as varchar) as polarity,
    cast(source_feed as varchar) as feed,
    cast(periodicity as varchar) as periodicity,
    cast(lowest_geography as varchar) as lowest_geography,
    cast(lowest_publishable_geography as varchar) as lowest_publishable_geography,
    cast(disclosure_rule as varchar) as disclosure_rule,
    cast(published_by_law as boolean) as published_by_law,
    cast(definition_version as integer) as definition_version,
    cast(known_breaks as varchar) as known_breaks,
    cast(owner as varchar) as owner,
    cast(definition_publisher as varchar) as definition_publisher,
    cast(nullif(definition_page, 'none') as varchar) as definition_page,
    cast(definition_as_at as date) as definition_as_at,
    cast(verified as varchar) as verified,
    cast(verification_note as varchar) as verification_note
from {{ ref("measure_register") }}
order by measure_id
