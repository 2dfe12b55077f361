-- Centre lines of control charts that are not those of the shown months. A line that is the same in
-- every month is taken for their mean.
with
    series as (
        select
            t.measure_id,
            t.centre,
            count(*) as months,
            avg(t."count") as mean,
            count(*) - count(t."count") as hidden,
            bool_and(coalesce(abs(t.centre - c.centre) <= 1e-6, false)) as is_read,
            list(cell_of(t.measure_id, 'city', city.area_code, 'month', t.month_start)) as cells
        from monthly as t
        cross join city
        inner join measure as m on m.measure_id = t.measure_id and not m.is_exact
        left join month_chart as c on c.series = t.measure_id and c.month_start = t.month_start
        where t.centre is not null
        group by t.measure_id, t.centre
    )
select
    'centre|' || measure_id || '|' || centre,
    '=',
    round(centre * months),
    unnest(cells),
    'count',
    1.0
from series
where not is_read and (months > 1 or hidden > 0) and (hidden > 0 or abs(mean - centre) > 1e-6)
