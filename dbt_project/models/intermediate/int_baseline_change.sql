-- One row per count of the whole area and strategy year after the baseline year: the change since
-- that year, judged by months (or quarters) paired with the same ones of it (formulas/change.sql),
-- and the line through the years up to this one, on one level of recording.
with
    baseline as (
        select starts_on, ends_on from {{ ref("strategy_years") }} where role = 'baseline'
    ),

    figures as (
        select
            figures.measure_id,
            figures.period_type,
            figures.period_start,
            register.periodicity,
            figures.event_count,
            {{ phase_of("figures.measure_id", "figures.period_start") }} as phase
        from {{ ref("int_measure_figure") }} as figures
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = figures.measure_id
        where
            figures.area_type = 'city'
            and register.method = 'count'
            and figures.event_count is not null
    ),

    years as (
        select
            figures.*,
            years.strategy_year,
            years.starts_on,
            years.ends_on,
            year(years.starts_on) - year(baseline.starts_on) as years_since
        from figures
        inner join {{ ref("strategy_years") }} as years on years.starts_on = figures.period_start
        cross join baseline
        where figures.period_type = 'strategy_year' and years.starts_on > baseline.starts_on
    ),

    paired as (
        select
            {'measure_id':years.measure_id, 'strategy_year':years.strategy_year} as series,
            figures.event_count as now,
            before.event_count as before
        from years
        inner join
            figures
            on figures.measure_id = years.measure_id
            and figures.period_type = figures.periodicity
            and figures.period_start between years.starts_on and years.ends_on
        inner join
            figures as before
            on before.measure_id = figures.measure_id
            and before.period_type = figures.period_type
            and before.period_start
            = cast(figures.period_start - to_years(years.years_since) as date)
        where years.periodicity in ('month', 'quarter')
    ),

    tested as (select * from paired_change('paired')),

    lines as (
        select
            years.measure_id,
            years.strategy_year,
            count(*) as trend_years,
            100 * (
                exp(
                    (
                        count(*) * steady_sum(earlier.year_number * ln(earlier.event_count))
                        - sum(earlier.year_number) * steady_sum(ln(earlier.event_count))
                    ) / nullif(
                        count(*) * sum(earlier.year_number * earlier.year_number)
                        - sum(earlier.year_number) * sum(earlier.year_number),
                        0
                    )
                )
                - 1
            ) as trend
        from years
        inner join
            (select *, year(period_start) - 2000 as year_number from figures) as earlier
            on earlier.measure_id = years.measure_id
            and earlier.period_type = 'strategy_year'
            and earlier.period_start <= years.period_start
            and earlier.phase = years.phase
        where earlier.event_count > 0
        group by 1, 2
    )

select
    years.measure_id,
    years.strategy_year,
    first_year.event_count as baseline_count,
    change_percent_of(years.event_count, first_year.event_count) as change_percent,
    tested.change_lower,
    tested.change_upper,
    case
        when first_year.event_count is null
        then null
        when changed.is_recorded_otherwise
        then null
        when years.periodicity in ('month', 'quarter')
        then tested.p_value
        else counts_tail(years.event_count, first_year.event_count)
    end as p_value,
    case
        when first_year.event_count is null
        then 'no_earlier_period'
        when changed.is_recorded_otherwise
        then 'recording_changed'
        when years.periodicity in ('month', 'quarter')
        then coalesce(tested.not_judged_because, if(tested.p_value is null, 'too_few_pairs', null))
    end as not_judged_because,
    case when lines.trend_years >= seasonal_years() then lines.trend end as trend_percent_a_year,
    lines.trend_years
from years
cross join baseline
left join
    figures as first_year
    on first_year.measure_id = years.measure_id
    and first_year.period_type = 'strategy_year'
    and first_year.period_start = baseline.starts_on
left join
    tested
    on tested.series.measure_id = years.measure_id
    and tested.series.strategy_year = years.strategy_year
left join lines on lines.measure_id = years.measure_id and lines.strategy_year = years.strategy_year
left join
    (
        select years.measure_id, years.strategy_year, true as is_recorded_otherwise
        from years
        cross join baseline
        inner join
            {{ ref("int_level_change") }} as changes
            on changes.measure_id = years.measure_id
            and changes.break_on > baseline.starts_on
            and changes.break_on <= years.ends_on
        group by 1, 2
    ) as changed
    on changed.measure_id = years.measure_id
    and changed.strategy_year = years.strategy_year
