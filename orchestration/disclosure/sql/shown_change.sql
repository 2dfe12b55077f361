-- The change of whole years as a reader can judge it: from the months of both years, where all of
-- them are shown. One row per measure and strategy year; the same test as the warehouse's.
with
    pairs as (
        select
            {'measure_id':t.measure_id, 'strategy_year':t.strategy_year} as series,
            now.shown_count as now,
            before.shown_count as before
        from monthly as t
        inner join
            shown as now
            on now.measure_id = t.measure_id
            and now.area_type = 'city'
            and now.period_type = 'month'
            and now.period_start = t.month_start
        inner join
            shown as before
            on before.measure_id = t.measure_id
            and before.area_type = 'city'
            and before.period_type = 'month'
            and before.period_start = cast(t.month_start - interval 1 year as date)
    )
select series.measure_id as measure_id, series.strategy_year as strategy_year, * exclude (series)
from paired_change('pairs')
where
    pairs = 12
    and not exists (
        select 1
        from breaks as b
        where
            b.measure_id = series.measure_id
            and b.effect in ('changes_level', 'not_comparable')
            and b.break_on > year_starts(series.strategy_year) - interval 1 year
            and b.break_on < year_starts(series.strategy_year) + interval 1 year
    )
