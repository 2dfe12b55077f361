-- One row per measure: what it means, from the register.
select
    measure_id,
    measure_name,
    statutory_limb,
    definition,
    numerator,
    denominator,
    unit,
    rate_per,
    method,
    polarity,
    feed as source_feed,
    periodicity,
    lowest_publishable_geography,
    disclosure_rule,
    published_by_law,
    definition_version,
    known_breaks,
    owner,
    verified,
    verification_note
from marts.dim_measure
order by measure_id
