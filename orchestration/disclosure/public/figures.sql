-- The cells themselves.
select
    f.* replace (
        s.shown_count as "count",
        case when s.reason is null and m.is_exact then f.modelled_count end as modelled_count,
        case
            when s.reason is null then if(m.has_base, s.shown_base, f.denominator)
        end as denominator,
        case
            when s.reason is not null
            then null
            when m.is_exact
            then f.rate
            else rate_of(s.shown_count, if(m.has_base, s.shown_base, f.denominator), m.rate_per)
        end as rate
    ),
    s.reason as suppressed,
    s.is_rounded
from figures as f
inner join measure as m on m.measure_id = f.measure_id
inner join
    shown as s
    on s.measure_id = f.measure_id
    and s.area_type = f.area_type
    and s.area_code = f.area_code
    and s.period_type = f.period_type
    and s.period_start = f.period_start
order by f.rowid
