-- Funnels, control charts and seasonality as a reader derives them from the shown counts: one row
-- per value, as printed and as derived.
with
    protected as (select * from measure where not is_exact and method <> 'published'),
    area as (
        select f.measure_id, f."count" as n, f.denominator as people
        from figures as f
        cross join year as y
        where
            f.area_type = 'city'
            and f.period_type = 'strategy_year'
            and f.period_start = y.starts_on
    ),
    funnel as (
        select
            w.*,
            m.rate_per,
            a.n,
            a.people,
            a.n * cast(w.denominator as double) / a.people as expected
        from wards as w
        inner join protected as m on m.measure_id = w.measure_id
        left join area as a on a.measure_id = w.measure_id
    ),
    points as (
        select measure_id as family, ward_code as place, "count" as n, expected
        from funnel
        where "count" is not null and expected is not null
    ),
    read_funnel as (select * from funnel('points'))
select
    'wards' as source,
    measure_id || '|' || ward_code as cell,
    unnest(
        [city_rate, lower_95, upper_95, lower_998, upper_998, funnel.dispersion, funnel.tau_squared]
    ) as told,
    unnest(
        [
            rate_per * funnel.n / cast(people as double),
            rate_per * read_funnel.low_95 / denominator,
            rate_per * read_funnel.high_95 / denominator,
            rate_per * read_funnel.low_998 / denominator,
            rate_per * read_funnel.high_998 / denominator,
            read_funnel.dispersion,
            read_funnel.tau_squared
        ]
    ) as wanted
from funnel
left join
    read_funnel on read_funnel.family = funnel.measure_id and read_funnel.place = funnel.ward_code
union all
select
    'monthly',
    t.measure_id || '|' || t.month_start,
    unnest([t.centre, t.lower_limit, t.upper_limit]),
    unnest([c.centre, c.lower_limit, c.upper_limit])
from monthly as t
inner join protected as m on m.measure_id = t.measure_id
left join month_chart as c on c.series = t.measure_id and c.month_start = t.month_start
union all
select
    'seasonality',
    t.measure_id || '|' || t.month_of_year,
    unnest([t.seasonal_index, t.lowest_index, t.highest_index]),
    unnest([u.seasonal_index, u.lowest_index, u.highest_index])
from seasonality as t
inner join protected as m on m.measure_id = t.measure_id
left join month_season as u on u.series = t.measure_id and u.month_of_year = t.month_of_year
union all
select
    'wards',
    measure_id || '|' || ward_code,
    if(position is null, null, 1),
    if("count" is null, null, 1)
from funnel
