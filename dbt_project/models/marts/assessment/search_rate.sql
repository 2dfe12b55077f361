-- One row per measure of searches, window and ethnic group, for the whole area: searches of
-- people who
-- gave that group over the residents who gave it in the Census. Only self-defined groups stand over
-- the
-- Census, which people filled in themselves; the officer's view stands beside them. Without a
-- Census table there are counts and no rates.
with
    told as (
        select *
        from {{ ref("profile") }}
        where
            dimension in ('ethnicity_self_defined', 'ethnicity_officer_defined')
            and area_type = 'city'
            and missing_reason is null
            and denominator is null
    ),

    grouped as (
        select
            measure_id,
            area_type,
            area_code,
            area_name,
            period_type,
            period_start,
            period_end,
            strategy_year,
            is_latest,
            is_provisional,
            data_as_at,
            is_synthetic,
            profile_value as ethnic_group,
            max(base) as base,
            max(base - known) filter (where dimension = 'ethnicity_self_defined') as not_stated,
            max(known_share) filter (where dimension = 'ethnicity_self_defined') as known_share,
            sum("count") filter (where dimension = 'ethnicity_self_defined') as self_defined,
            sum("count") filter (where dimension = 'ethnicity_officer_defined') as officer_defined
        from told
        where profile_value <> 'not known'
        group by all
    ),

    filled as (
        select
            * replace (
                max(not_stated) over whole as not_stated,
                max(known_share) over whole as known_share,
                coalesce(self_defined, 0) as self_defined,
                coalesce(officer_defined, 0) as officer_defined
            )
        from grouped
        window whole as (partition by measure_id, period_type, period_start)
    ),

    rated as (
        select
            filled.*,
            census.residents,
            census.census_year,
            white.self_defined as white_searches,
            white_census.residents as white_residents
        from filled
        left join {{ ref("ethnic_groups") }} as census on census.ethnic_group = filled.ethnic_group
        left join
            filled as white
            on white.measure_id = filled.measure_id
            and white.period_type = filled.period_type
            and white.period_start = filled.period_start
            and white.ethnic_group = 'White'
        left join {{ ref("ethnic_groups") }} as white_census on white_census.ethnic_group = 'White'
    ),

    -- A ratio of two Poisson rates on the log scale (Katz); judged only on enough searches.
    compared as (
        select
            *,
            case
                when
                    ethnic_group <> 'White'
                    and residents > 0
                    and white_residents > 0
                    and self_defined >= minimum_base()
                    and white_searches >= minimum_base()
                then
                    (self_defined / cast(residents as double))
                    / (white_searches / cast(white_residents as double))
            end as ratio,
            confidence_normal_point() * sqrt(
                1 / nullif(cast(self_defined as double), 0)
                + 1 / nullif(cast(white_searches as double), 0)
            ) as log_width
        from rated
    )

select
    cast(measure_id as varchar) as measure_id,
    cast(area_type as varchar) as area_type,
    cast(area_code as varchar) as area_code,
    cast(area_name as varchar) as area_name,
    cast(period_type as varchar) as period_type,
    cast(period_start as date) as period_start,
    cast(period_end as date) as period_end,
    cast(strategy_year as varchar) as strategy_year,
    cast(is_latest as boolean) as is_latest,
    cast(ethnic_group as varchar) as ethnic_group,
    cast(self_defined as bigint) as "count",
    cast(base as bigint) as base,
    cast(known_share as double) as known_share,
    cast(officer_defined as bigint) as officer_defined,
    cast(residents as bigint) as denominator,
    cast(census_year as integer) as denominator_year,
    rate_of(self_defined, cast(residents as double), 1000) as rate,
    rate_lower_of(self_defined, cast(residents as double), 1000, false) as rate_lower,
    rate_upper_of(self_defined, cast(residents as double), 1000, false) as rate_upper,
    rate_of(self_defined + not_stated, cast(residents as double), 1000) as rate_if_all_not_stated,
    cast(ratio as double) as ratio_to_white,
    cast(ratio * exp(- log_width) as double) as ratio_lower,
    cast(ratio * exp(log_width) as double) as ratio_upper,
    cast(
        case
            when residents is null
            then 'no_census_table'
            when ratio is null and ethnic_group <> 'White'
            then 'base_too_small'
        end as varchar
    ) as not_judged_because,
    cast(is_provisional as boolean) as is_provisional,
    cast(data_as_at as date) as data_as_at,
    cast(is_synthetic as boolean) as is_synthetic
from compared
order by measure_id, period_type, period_start, ethnic_group
