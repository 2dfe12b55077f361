-- The change of whole years as a reader judges it: from the months of both years, where all of them
-- are there. One row per measure and strategy year; the same test as the warehouse's.
with
    pairs as (
        select
            {'measure_id':t.measure_id, 'strategy_year':t.strategy_year} as series,
            t.n as now,
            before.n as before
        from city_month as t
        inner join
            city_month as before
            on before.measure_id = t.measure_id
            and before.month_start = cast(t.month_start - interval 1 year as date)
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
