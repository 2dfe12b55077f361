-- Each month's usual level relative to an average month, over years whose twelve months are shown.
with
    months as (
        select
            t.measure_id,
            month(t.month_start) as month_of_year,
            cast(s.shown_count as double) as value,
            avg(s.shown_count) over years as mean,
            count(s.shown_count) over years as known
        from monthly as t
        inner join
            shown as s
            on s.measure_id = t.measure_id
            and s.area_type = 'city'
            and s.period_type = 'month'
            and s.period_start = t.month_start
        window years as (partition by t.measure_id, t.strategy_year)
    ),
    made as (
        select
            measure_id,
            month_of_year,
            avg(100 * value / nullif(mean, 0)) as usual,
            min(100 * value / nullif(mean, 0)) as lowest,
            max(100 * value / nullif(mean, 0)) as highest,
            count(*) as years
        from months
        where known = 12
        group by measure_id, month_of_year
    )
select
    t.* replace (
        if(m.is_exact, t.seasonal_index, made.usual) as seasonal_index,
        if(m.is_exact, t.lowest_index, made.lowest) as lowest_index,
        if(m.is_exact, t.highest_index, made.highest) as highest_index,
        cast(if(m.is_exact, t.years, made.years) as integer) as years
    ),
    case when not m.is_exact and made.usual is null then 'derived' end as suppressed,
    not m.is_exact and made.usual is not null as is_rounded
from seasonality as t
inner join measure as m on m.measure_id = t.measure_id
left join made on made.measure_id = t.measure_id and made.month_of_year = t.month_of_year
order by t.rowid
