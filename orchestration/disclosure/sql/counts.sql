-- Every count of a measure that an edition prints, as rows of `figures`: its own, and those
-- of `leaving_profile` (rows of `profiles`). Events of which a value is known are a count
-- as well, of no value (the empty string): shares are over it.
with
    year as (
        select
            max(cast(period_start as date)) as period_start,
            max(cast(period_end as date)) as period_end
        from figures
        where period_type = 'strategy_year' and area_type = 'city'
    ),
    profile as (
        select *, profile_area(dimension) as area_type, profile_value as area_code
        from leaving_profile
        union all by name
        select distinct
            measure_id, profile_area(dimension) as area_type, '' as area_code, known as "count"
        from leaving_profile
    )
select *
from figures
union all by name
select profile.*, 'strategy_year' as period_type, year.period_start, year.period_end
from profile
cross join year
