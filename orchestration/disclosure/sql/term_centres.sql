-- Centre lines of control charts that are not the mean of the shown months.
with
    series as (
        select
            t.measure_id,
            t.centre,
            count(*) as months,
            avg(t."count") as mean,
            count(*) - count(t."count") as hidden,
            list(cell_of(t.measure_id, 'city', city.area_code, 'month', t.month_start)) as cells
        from monthly as t
        cross join city
        inner join measure as m on m.measure_id = t.measure_id and not m.is_exact
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
where hidden > 0 or abs(mean - centre) > 1e-6
