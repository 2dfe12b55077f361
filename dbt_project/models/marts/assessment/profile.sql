-- One row per measure, area, window, dimension and value that occurs: who, when, where and how.
-- The values of a dimension, with what is not known, add up to the measure's own figure. A figure
-- that is not known, or is held, has no profile: one row says why.
with
    -- A dimension that no row of a measure has ever said anything of was not asked.
    asked as (
        select distinct counted.measure_id, counted.dimension, dimensions.lowest_geography
        from {{ ref("int_profile_count") }} as counted
        inner join
            {{ ref("profile_dimensions") }} as dimensions
            on dimensions.dimension = counted.dimension
        where counted.profile_value is not null
    ),

    figures as (
        select
            fact.measure_id,
            fact.area_type,
            fact.area_code,
            fact.area_name,
            fact.period_type,
            fact.period_start,
            fact.period_end,
            fact.strategy_year,
            fact."count" as base,
            case when fact.is_held then 'held' else fact.missing_reason end as missing_reason,
            fact.is_provisional,
            fact.data_as_at,
            fact.is_synthetic,
            fact.is_latest,
            asked.dimension
        from {{ ref("fct_measure") }} as fact
        inner join
            {{ ref("int_profile_window") }} as windows
            on windows.measure_id = fact.measure_id
            and windows.period_type = fact.period_type
            and windows.period_start = fact.period_start
        inner join
            asked
            on asked.measure_id = fact.measure_id
            and (asked.lowest_geography = 'ward' or fact.area_type = 'city')
        where fact.area_type in ('ward', 'city')
    ),

    counted as (
        select
            counts.measure_id,
            counts.area_type,
            counts.area_code,
            windows.period_type,
            windows.period_start,
            counts.dimension,
            coalesce(counts.profile_value, 'not known') as profile_value,
            sum(counts.event_count) as event_count,
            sum(counts.base_count) as denominator
        from {{ ref("int_profile_count") }} as counts
        inner join
            {{ ref("int_period_month") }} as months on months.month_start = counts.period_month
        inner join
            {{ ref("int_profile_window") }} as windows
            on windows.measure_id = counts.measure_id
            and windows.period_type = months.period_type
            and windows.period_start = months.period_start
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    known as (
        select
            measure_id,
            area_type,
            area_code,
            period_type,
            period_start,
            dimension,
            sum(event_count) as known_events
        from counted
        where profile_value <> 'not known'
        group by 1, 2, 3, 4, 5, 6
    ),

    valued as (
        select
            figures.*,
            counted.profile_value,
            counted.event_count,
            counted.denominator,
            coalesce(known.known_events, 0) as known_events
        from figures
        left join
            known using (measure_id, area_type, area_code, period_type, period_start, dimension)
        inner join
            counted using (measure_id, area_type, area_code, period_type, period_start, dimension)
        where figures.missing_reason is null
        union all
        select figures.* replace (null as base), 'not known', null, null, null
        from figures
        where figures.missing_reason is not null
    ),

    judged as (
        select
            *,
            case
                when profile_value <> 'not known' and known_events > 0 then event_count
            end as of_known
        from valued
    )

select
    cast(judged.measure_id as varchar) as measure_id,
    cast(judged.area_type as varchar) as area_type,
    cast(judged.area_code as varchar) as area_code,
    cast(judged.area_name as varchar) as area_name,
    cast(judged.period_type as varchar) as period_type,
    cast(judged.period_start as date) as period_start,
    cast(judged.period_end as date) as period_end,
    cast(judged.strategy_year as varchar) as strategy_year,
    cast(judged.is_latest as boolean) as is_latest,
    cast(judged.dimension as varchar) as dimension,
    cast(judged.profile_value as varchar) as profile_value,
    cast(round(judged.event_count) as bigint) as "count",
    cast(judged.base as bigint) as base,
    cast(round(judged.known_events) as bigint) as known,
    cast(judged.known_events / nullif(cast(judged.base as double), 0) as double) as known_share,
    rate_of(judged.of_known, judged.known_events, 1) as share,
    rate_lower_of(judged.of_known, judged.known_events, 1, true) as share_lower,
    rate_upper_of(judged.of_known, judged.known_events, 1, true) as share_upper,
    cast(round(judged.denominator) as bigint) as denominator,
    case
        when judged.profile_value <> 'not known'
        then rate_of(judged.event_count, judged.denominator, register.rate_per)
    end as rate,
    case
        when judged.profile_value <> 'not known'
        then rate_lower_of(judged.event_count, judged.denominator, register.rate_per, true)
    end as rate_lower,
    case
        when judged.profile_value <> 'not known'
        then rate_upper_of(judged.event_count, judged.denominator, register.rate_per, true)
    end as rate_upper,
    cast(judged.missing_reason as varchar) as missing_reason,
    cast(judged.is_provisional as boolean) as is_provisional,
    cast(judged.data_as_at as date) as data_as_at,
    cast(judged.is_synthetic as boolean) as is_synthetic
from judged
inner join {{ ref("measure_register") }} as register on register.measure_id = judged.measure_id
order by measure_id, area_type, area_code, period_type, period_start, dimension, profile_value
