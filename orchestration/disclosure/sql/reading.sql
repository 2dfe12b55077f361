-- What a shown number implies: 0 means 0; a rounded number stands for every count that rounds to
-- it and is not suppressed.
with
    items as (
        select *, 'count' as item, shown as value
        from printed
        union all by name
        select *, 'base' as item, shown_base as value
        from printed
        where has_base
        union all by name
        select *, 'first' as item, shown_first as value
        from printed
        where shown_first is not null
    ),
    readings as (
        select *, value as seen
        from items
        union all by name
        -- A rate over a known population reveals its count, and so does a confidence limit.
        select
            * replace (source || ' rate' as source),
            cast(round(rate * people / rate_per) as bigint) as seen
        from items
        where item = 'count' and not is_exact and rate is not null and people > 0
        union all by name
        select * replace (source || ' limit' as source), implied as seen
        from limits
    )
select
    cell,
    item,
    source,
    measure_id,
    area_type,
    period_type,
    finest,
    only_years,
    is_exact,
    suppress_to,
    round_to,
    least_width,
    reason,
    seen,
    case
        when seen is null and reason = 'small' and not has_base
        then 1
        when seen is null and reason = 'linked'
        then suppress_to + 1
        when seen is null
        then 0
        when seen = 0 or is_exact or not is_rounded or seen % round_to <> 0
        then seen
        else greatest(seen - divide(round_to, 2), suppress_to + 1)
    end as low,
    case
        when seen is null and reason = 'small' and not has_base
        then suppress_to
        when seen is null
        then null
        when seen = 0 or is_exact or not is_rounded or seen % round_to <> 0
        then seen
        else seen - divide(round_to, 2) + round_to - 1
    end as high
from readings
where seen is not null or reason is not null
