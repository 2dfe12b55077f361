-- Years of the whole area, with limits computed from what is shown.
select
    y.* replace (
        s.shown_count as "count",
        case when s.reason is null and m.is_exact then y.modelled_count end as modelled_count,
        case
            when s.reason is null then if(m.has_base, s.shown_base, y.denominator)
        end as denominator,
        case
            when s.reason is not null
            then null
            when m.is_exact
            then y.rate
            else rate_of(s.shown_count, if(m.has_base, s.shown_base, y.denominator), m.rate_per)
        end as rate,
        case
            when s.reason is not null
            then null
            when m.is_exact
            then y.rate_lower
            else
                rate_lower_of(
                    s.shown_count,
                    if(m.has_base, s.shown_base, y.denominator),
                    m.rate_per,
                    m.has_base
                )
        end as rate_lower,
        case
            when s.reason is not null
            then null
            when m.is_exact
            then y.rate_upper
            else
                rate_upper_of(
                    s.shown_count,
                    if(m.has_base, s.shown_base, y.denominator),
                    m.rate_per,
                    m.has_base
                )
        end as rate_upper
    ),
    s.reason as suppressed,
    s.is_rounded
from years as y
inner join measure as m on m.measure_id = y.measure_id
inner join
    shown as s
    on s.measure_id = y.measure_id
    and s.area_type = 'city'
    and s.period_type = y.period_type
    and s.period_start = y.period_start
order by y.rowid
