-- One row per measure, area and period of at least two base periods (months, or quarters) of which
-- the same ones a year before are known: how far the pairs scatter, and what that leaves of the
-- change (formulas/change.sql).
-- A change across a day from which the recording changed says nothing of what happened: it is not
-- judged.
with
    base as (
        select
            figures.measure_id,
            figures.area_type,
            figures.area_code,
            figures.period_start as base_start,
            figures.event_count
        from {{ ref("int_measure_figure") }} as figures
        inner join
            {{ ref("measure_register") }} as register
            on register.measure_id = figures.measure_id
            and register.periodicity = figures.period_type
        where
            register.method = 'count'
            and register.periodicity in ('month', 'quarter')
            and figures.event_count is not null
    ),

    -- Millions of rows are joined and added up by series: a number does what long names would.
    lines as (
        select
            measure_id,
            area_type,
            area_code,
            row_number() over (order by measure_id, area_type, area_code) as line
        from base
        group by measure_id, area_type, area_code
    ),

    periods as (
        select
            period_type,
            period_start,
            max(month_start) as last_month,
            row_number() over (order by period_type, period_start) as period
        from {{ ref("int_period_month") }}
        where period_type <> 'month'
        group by period_type, period_start
    ),

    numbered as (
        select lines.line, base.base_start, base.event_count
        from base
        inner join
            lines
            on lines.measure_id = base.measure_id
            and lines.area_type = base.area_type
            and lines.area_code = base.area_code
    ),

    paired as (
        select
            numbered.line,
            numbered.base_start,
            numbered.event_count as now,
            before.event_count as before
        from numbered
        inner join
            numbered as before
            on before.line = numbered.line
            and before.base_start = cast(numbered.base_start - interval 1 year as date)
    ),

    -- A quarter begins with its first month, in whatever period it lies.
    in_periods as (
        select {'line':paired.line, 'period':periods.period} as series, paired.now, paired.before
        from paired
        inner join
            {{ ref("int_period_month") }} as period_months
            on period_months.month_start = paired.base_start
        inner join
            periods
            on periods.period_type = period_months.period_type
            and periods.period_start = period_months.period_start
    ),

    tested as (select * from paired_change('in_periods')),

    placed as (
        select
            lines.measure_id,
            lines.area_type,
            lines.area_code,
            periods.period_type,
            periods.period_start,
            tested.* exclude (series),
            exists (
                select 1
                from {{ ref("int_level_change") }} as changed
                where
                    changed.measure_id = lines.measure_id
                    and changed.break_on > cast(periods.period_start - interval 1 year as date)
                    and changed.break_on < periods.last_month + interval 1 month
            ) as is_recorded_otherwise
        from tested
        inner join lines on lines.line = tested.series.line
        inner join periods on periods.period = tested.series.period
    )

select
    measure_id,
    area_type,
    area_code,
    period_type,
    period_start,
    pairs,
    dispersion,
    case when not is_recorded_otherwise then p_value end as p_value,
    change_lower,
    change_upper,
    case
        when is_recorded_otherwise then 'recording_changed' else not_judged_because
    end as not_judged_because
from placed
