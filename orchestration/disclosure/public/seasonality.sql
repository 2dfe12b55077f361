-- Each month's usual level relative to an average month, over years whose twelve months are shown.
select
    t.* replace (
        if(m.is_exact, t.seasonal_index, made.seasonal_index) as seasonal_index,
        if(m.is_exact, t.lowest_index, made.lowest_index) as lowest_index,
        if(m.is_exact, t.highest_index, made.highest_index) as highest_index,
        cast(if(m.is_exact, t.years, made.years) as integer) as years
    ),
    case when not m.is_exact and made.lowest_index is null then 'derived' end as suppressed,
    not m.is_exact and made.lowest_index is not null as is_rounded
from seasonality as t
inner join measure as m on m.measure_id = t.measure_id
left join
    month_season as made on made.series = t.measure_id and made.month_of_year = t.month_of_year
order by t.rowid
