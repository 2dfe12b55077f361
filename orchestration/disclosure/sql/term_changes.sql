-- Differences and percentages that do not follow from what is shown come from the true counts.
with
    city_year as (
        select
            f.measure_id,
            f.period_start,
            cell_of(f.measure_id, f.area_type, f.area_code, f.period_type, f.period_start) as cell
        from figures as f
        where f.area_type = 'city' and f.period_type = 'strategy_year'
    ),
    pair as (
        select h.*, a.cell as now_cell, b.cell as before_cell
        from headline as h
        cross join year as y
        inner join measure as m on m.measure_id = h.measure_id and m.method <> 'published'
        inner join city_year as a on a.measure_id = h.measure_id and a.period_start = y.starts_on
        inner join
            city_year as b
            on b.measure_id = h.measure_id
            and b.period_start = y.starts_on - interval 1 year
    )
select distinct
    'change|' || now_cell,
    '=',
    cast(change as double),
    unnest([now_cell, before_cell]),
    'count',
    unnest([1.0, -1.0])
from pair
where change is not null and change is distinct from "count" - previous_count
union all
select distinct
    'percent|' || now_cell,
    '=',
    0.0,
    unnest([now_cell, before_cell]),
    'count',
    unnest([1.0, -1 - change_percent / 100])
from pair
where
    change_percent is not null
    and coalesce(
        abs(change_percent - 100.0 * ("count" - previous_count) / nullif(previous_count, 0)) > 1e-6,
        true
    )
