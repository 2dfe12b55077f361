-- LSOAs of the year.
select
    t.* replace (
        s.shown_count as "count",
        case
            when s.reason is null then if(m.has_base, s.shown_base, t.denominator)
        end as denominator,
        case
            when s.reason is not null
            then null
            when m.is_exact
            then t.rate
            else rate_of(s.shown_count, if(m.has_base, s.shown_base, t.denominator), m.rate_per)
        end as rate
    ),
    s.reason as suppressed,
    s.is_rounded
from lsoas as t
inner join measure as m on m.measure_id = t.measure_id
cross join edition_year as y
inner join
    shown as s
    on s.measure_id = t.measure_id
    and s.area_type = 'lsoa'
    and s.area_code = t.lsoa_2021_code
    and s.period_type = 'strategy_year'
    and s.period_start = y.starts_on
order by t.rowid
