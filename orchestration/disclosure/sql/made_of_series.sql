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
    stretch as (
        select
            t.measure_id,
            t.centre,
            avg(t."count") as mean,
            count(*) - count(t."count") as hidden,
            avg(abs(t."count" - t.before_n)) filter (where t.follows) as moving_range
        from
            (
                select
                    *,
                    lag("count") over s as before_n,
                    month_start = lag(month_start) over s + interval 1 month as follows
                from monthly
                window s as (partition by measure_id, centre order by month_start)
            ) as t
        inner join protected as m on m.measure_id = t.measure_id
        where t.centre is not null
        group by t.measure_id, t.centre
    ),
    usual as (
        select
            measure_id,
            month(month_start) as month_of_year,
            avg(100 * n / nullif(mean, 0)) as usual,
            min(100 * n / nullif(mean, 0)) as lowest,
            max(100 * n / nullif(mean, 0)) as highest
        from
            (
                select
                    *,
                    cast("count" as double) as n,
                    avg("count") over y as mean,
                    count("count") over y as known
                from monthly
                window y as (partition by measure_id, strategy_year)
            )
        where known = 12
        group by all
    )
select
    'wards' as source,
    measure_id || '|' || ward_code as cell,
    unnest([city_rate, lower_95, upper_95, lower_998, upper_998]) as told,
    unnest(
        [
            rate_per * n / cast(people as double),
            rate_per * byar_lower(expected, confidence_normal_point()) / denominator,
            rate_per * byar_upper(expected, confidence_normal_point()) / denominator,
            rate_per * byar_lower(expected, outer_normal_point()) / denominator,
            rate_per * byar_upper(expected, outer_normal_point()) / denominator
        ]
    ) as wanted
from funnel
union all
select
    'monthly',
    t.measure_id || '|' || t.month_start,
    unnest([t.centre, t.lower_limit, t.upper_limit]),
    unnest(
        [
            if(s.hidden = 0, s.mean, null),
            if(s.hidden = 0, chart_lower(s.mean, s.moving_range), null),
            if(s.hidden = 0, chart_upper(s.mean, s.moving_range), null)
        ]
    )
from monthly as t
inner join protected as m on m.measure_id = t.measure_id
left join stretch as s on s.measure_id = t.measure_id and s.centre = t.centre
union all
select
    'seasonality',
    t.measure_id || '|' || t.month_of_year,
    unnest([t.seasonal_index, t.lowest_index, t.highest_index]),
    unnest([u.usual, u.lowest, u.highest])
from seasonality as t
inner join protected as m on m.measure_id = t.measure_id
left join usual as u on u.measure_id = t.measure_id and u.month_of_year = t.month_of_year
union all
select
    'wards',
    measure_id || '|' || ward_code,
    if(position is null, null, 1),
    if("count" is null, null, 1)
from funnel
