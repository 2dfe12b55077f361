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

    paired as (
        select base.*, before.event_count as before_count
        from base
        inner join
            base as before
            on before.measure_id = base.measure_id
            and before.area_type = base.area_type
            and before.area_code = base.area_code
            and before.base_start = cast(base.base_start - interval 1 year as date)
    ),

    -- A quarter begins with its first month, in whatever period it lies.
    in_periods as (
        select
            {
                'measure_id':paired.measure_id,
                'area_type':paired.area_type,
                'area_code':paired.area_code,
                'period_type':period_months.period_type,
                'period_start':period_months.period_start
            } as series,
            paired.event_count as now,
            paired.before_count as before
        from paired
        inner join
            {{ ref("int_period_month") }} as period_months
            on period_months.month_start = paired.base_start
        where period_months.period_type <> 'month'
    ),

    tested as (select * from paired_change('in_periods')),

    ends as (
        select period_type, period_start, max(month_start) as last_month
        from {{ ref("int_period_month") }}
        group by period_type, period_start
    ),

    placed as (
        select
            tested.*,
            exists (
                select 1
                from {{ ref("int_level_change") }} as changed
                where
                    changed.measure_id = tested.series.measure_id
                    and changed.break_on
                    > cast(tested.series.period_start - interval 1 year as date)
                    and changed.break_on < ends.last_month + interval 1 month
            ) as is_recorded_otherwise
        from tested
        inner join
            ends
            on ends.period_type = tested.series.period_type
            and ends.period_start = tested.series.period_start
    )

select
    series.measure_id as measure_id,
    series.area_type as area_type,
    series.area_code as area_code,
    series.period_type as period_type,
    series.period_start as period_start,
    pairs,
    dispersion,
    case when not is_recorded_otherwise then p_value end as p_value,
    change_lower,
    change_upper,
    case
        when is_recorded_otherwise then 'recording_changed' else not_judged_because
    end as not_judged_because
from placed
