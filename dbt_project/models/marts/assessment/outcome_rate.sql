-- One row per measure of crime, window, age of the case and outcome, for the whole area: what
-- became
-- of
-- the cases. A case of last month has had no time to end, so its share says little of the police.
with
    known as (
        select
            fact.measure_id,
            fact.area_type,
            fact.area_code,
            fact.area_name,
            fact.period_type,
            fact.period_start,
            fact.period_end,
            fact.strategy_year,
            fact.is_provisional,
            fact.data_as_at,
            fact.is_synthetic,
            fact.is_latest,
            newest.newest_month
        from {{ ref("fct_measure") }} as fact
        inner join
            {{ ref("int_profile_window") }} as windows
            on windows.measure_id = fact.measure_id
            and windows.period_type = fact.period_type
            and windows.period_start = fact.period_start
        inner join
            {{ ref("measure_register") }} as register
            on register.measure_id = fact.measure_id
            and register.method = 'count'
        inner join {{ ref("int_feed_newest") }} as newest on newest.feed = register.source_feed
        where fact.area_type = 'city' and fact.missing_reason is null and not fact.is_held
    ),

    aged as (
        select
            known.*,
            ages.case_age,
            ages.sort_order,
            counts.profile_value as outcome,
            counts.event_count
        from known
        inner join
            {{ ref("int_period_month") }} as months
            on months.period_type = known.period_type
            and months.period_start = known.period_start
        inner join
            {{ ref("int_profile_count") }} as counts
            on counts.measure_id = known.measure_id
            and counts.area_type = 'city'
            and counts.period_month = months.month_start
            and counts.dimension = 'outcome'
            and counts.profile_value is not null
        inner join
            {{ ref("case_ages") }} as ages
            on date_diff('month', counts.period_month, known.newest_month)
            between ages.from_months and coalesce(ages.to_months, 10000)
    ),

    -- Each age by itself, and all of them together.
    counted as (
        select * exclude (event_count), event_count
        from aged
        union all
        select * replace ('all' as case_age, 0 as sort_order)
        from aged
    ),

    summed as (
        select * exclude (event_count), sum(event_count) as event_count from counted group by all
    ),

    whole as (
        select
            *,
            sum(event_count) over (
                partition by measure_id, period_type, period_start, case_age
            ) as base
        from summed
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
    cast(case_age as varchar) as case_age,
    cast(sort_order as integer) as case_age_order,
    cast(outcome as varchar) as outcome,
    cast(round(event_count) as bigint) as "count",
    cast(round(base) as bigint) as base,
    rate_of(event_count, base, 1) as share,
    rate_lower_of(event_count, base, 1, true) as share_lower,
    rate_upper_of(event_count, base, 1, true) as share_upper,
    cast(is_provisional as boolean) as is_provisional,
    cast(data_as_at as date) as data_as_at,
    cast(is_synthetic as boolean) as is_synthetic
from whole
where event_count > 0
order by measure_id, period_type, period_start, case_age_order, outcome
