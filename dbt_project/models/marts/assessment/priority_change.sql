-- One row per priority, measure and window: how the whole area changed against the same window a
-- year before, and whether that is more than the series' usual variation. The headline measures of
-- a window are judged together, and so are the others: of what is named, a known share may be
-- chance.
with
    figures as (
        select
            fact.*,
            membership.priority_id,
            membership.sort_order,
            measure.measure_name,
            measure.method,
            measure.polarity,
            before.rate as rate_before,
            concat_ws(
                '|',
                fact.period_type,
                fact.period_start,
                if(membership.sort_order = 1, 'headline', 'other')
            ) as family
        from {{ ref("fct_measure") }} as fact
        inner join {{ ref("dim_measure") }} as measure on measure.measure_id = fact.measure_id
        inner join
            {{ ref("measure_priorities") }} as membership on membership.measure_id = fact.measure_id
        inner join {{ ref("strategy_years") }} as years on years.strategy_year = fact.strategy_year
        left join
            {{ ref("fct_measure") }} as before
            on before.measure_id = fact.measure_id
            and before.area_type = fact.area_type
            and before.area_code = fact.area_code
            and before.period_type = fact.period_type
            and before.period_start = cast(fact.period_start - interval 1 year as date)
        where fact.area_type = 'city'
    ),

    -- A measure of two priorities is tested once.
    tests as (select distinct family, measure_id as test, change_p_value as p_value from figures),

    together as (select * from adjusted_for_many('tests')),

    long_tests as (
        select distinct figures.family, figures.measure_id as test, long_change.p_value
        from figures
        inner join
            {{ ref("int_baseline_change") }} as long_change
            on long_change.measure_id = figures.measure_id
            and long_change.strategy_year = figures.strategy_year
        where figures.period_type = 'strategy_year'
    ),

    long_together as (select * from adjusted_for_many('long_tests')),

    judged as (
        select
            figures.*,
            together.tests,
            together.adjusted,
            case
                when together.adjusted is null
                then figures.change_is_significant
                else together.adjusted <= false_discovery_percent() / 100
            end as is_finding,
            case
                when figures.method in ('proportion', 'published')
                then figures.rate > figures.rate_before
                -- A count is judged as a count: it may have no rate, and people move a rate as
                -- well.
                else figures.change > 0
            end as went_up
        from figures
        left join
            together on together.family = figures.family and together.test = figures.measure_id
    )

select
    cast(priority.priority_id as varchar) as priority_id,
    cast(priority.priority_name as varchar) as priority_name,
    cast(judged.period_type as varchar) as period_type,
    cast(judged.period_start as date) as period_start,
    cast(judged.period_end as date) as period_end,
    cast(judged.strategy_year as varchar) as strategy_year,
    cast(judged.is_latest as boolean) as is_latest,
    cast(judged.measure_id as varchar) as measure_id,
    cast(judged.measure_name as varchar) as measure_name,
    cast(judged.sort_order = 1 as boolean) as is_headline,
    cast(judged."count" as bigint) as "count",
    cast(judged.previous_count as bigint) as previous_count,
    cast(judged.change as bigint) as change,
    cast(judged.change_percent as double) as change_percent,
    cast(judged.change_lower as double) as change_lower,
    cast(judged.change_upper as double) as change_upper,
    cast(judged.dispersion as double) as dispersion,
    cast(judged.change_p_value as double) as change_p_value,
    cast(judged.tests as integer) as tests_together,
    cast(judged.adjusted as double) as adjusted_p_value,
    cast(round(long_change.baseline_count) as bigint) as baseline_count,
    cast(long_change.change_percent as double) as since_baseline_percent,
    cast(long_change.change_lower as double) as since_baseline_lower,
    cast(long_change.change_upper as double) as since_baseline_upper,
    cast(long_change.p_value as double) as since_baseline_p_value,
    cast(
        case
            when long_change.measure_id is null
            then null
            when long_together.adjusted is null
            then 'cannot be judged'
            when long_together.adjusted > false_discovery_percent() / 100
            then 'no clear change'
            else if(judged."count" > long_change.baseline_count, 'more', 'fewer')
        end as varchar
    ) as since_baseline_finding,
    cast(long_change.not_judged_because as varchar) as since_baseline_not_judged,
    cast(long_change.trend_percent_a_year as double) as trend_percent_a_year,
    cast(long_change.trend_years as integer) as trend_years,
    cast(judged.rate as double) as rate,
    cast(judged.rate_lower as double) as rate_lower,
    cast(judged.rate_upper as double) as rate_upper,
    cast(judged.is_finding as boolean) as change_is_significant,
    cast(
        case
            when judged.is_finding is null
            then 'cannot be judged'
            when not judged.is_finding
            then 'no clear change'
            when judged.method in ('proportion', 'published')
            then if(judged.went_up, 'higher', 'lower')
            else if(judged.went_up, 'more', 'fewer')
        end as varchar
    ) as finding,
    cast(
        case
            when not coalesce(judged.is_finding, false) or judged.polarity = 'neutral'
            then 'neither'
            when judged.went_up = (judged.polarity = 'up')
            then 'better'
            else 'worse'
        end as varchar
    ) as verdict,
    cast(
        case
            when judged.is_finding is null
            then
                coalesce(
                    judged.change_not_judged, judged.comparison_missing_reason, 'base_too_small'
                )
        end as varchar
    ) as change_not_judged,
    cast(judged.is_provisional as boolean) as is_provisional,
    cast(judged.is_synthetic as boolean) as is_synthetic
from judged
inner join {{ ref("dim_priority") }} as priority on priority.priority_id = judged.priority_id
left join
    {{ ref("int_baseline_change") }} as long_change
    on long_change.measure_id = judged.measure_id
    and long_change.strategy_year = judged.strategy_year
    and judged.period_type = 'strategy_year'
left join
    long_together on long_together.family = judged.family and long_together.test = judged.measure_id
order by priority.sort_order, judged.period_type, judged.period_start, judged.sort_order
