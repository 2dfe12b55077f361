-- Wards of the year. The funnel is recomputed from the shown counts of the area and the ward.
with
    joined as (
        select
            t.rowid as place,
            t.measure_id,
            m.is_exact,
            m.has_base,
            m.rate_per,
            m.method,
            s.reason,
            s.is_rounded,
            s.shown_count as n,
            case
                when s.reason is null then if(m.has_base, s.shown_base, t.denominator)
            end as people,
            city.reason as city_reason,
            city.shown_count as city_n,
            f.denominator as city_people
        from wards as t
        inner join measure as m on m.measure_id = t.measure_id
        cross join edition_year as y
        inner join
            shown as s
            on s.measure_id = t.measure_id
            and s.area_type = 'ward'
            and s.area_code = t.ward_code
            and s.period_type = 'strategy_year'
            and s.period_start = y.starts_on
        left join
            shown as city
            on city.measure_id = t.measure_id
            and city.area_type = 'city'
            and city.period_type = 'strategy_year'
            and city.period_start = y.starts_on
        left join
            figures as f
            on f.measure_id = t.measure_id
            and f.area_type = 'city'
            and f.period_type = 'strategy_year'
            and f.period_start = y.starts_on
    ),
    expected as (
        select
            *,
            case
                when method = 'count' and n is not null and people > 0
                then city_n * cast(people as double) / city_people
            end as expected_n
        from joined
    ),
    points as (
        select measure_id as family, place, n, expected_n as expected
        from expected
        where expected_n is not null
    ),
    funnels as (select * from funnel('points')),
    limited as (
        select
            expected.*,
            funnels.low_95,
            funnels.high_95,
            funnels.low_998,
            funnels.high_998,
            funnels.position as read_position,
            funnels.dispersion as read_dispersion,
            funnels.differs_throughout as read_differs,
            funnels.tau_squared as read_tau_squared,
            is_exact and reason is null and city_reason is null as is_kept
        from expected
        left join funnels on funnels.place = expected.place
    )
select
    t.* replace (
        n as "count",
        people as denominator,
        case
            when reason is not null
            then null
            when is_exact
            then t.rate
            else rate_of(n, people, rate_per)
        end as rate,
        case
            when reason is not null
            then null
            when is_exact
            then t.rate_lower
            else rate_lower_of(n, people, rate_per, has_base)
        end as rate_lower,
        case
            when reason is not null
            then null
            when is_exact
            then t.rate_upper
            else rate_upper_of(n, people, rate_per, has_base)
        end as rate_upper,
        case
            when is_kept
            then t.city_rate
            when expected_n is not null
            then rate_per * city_n / cast(city_people as double)
        end as city_rate,
        case when is_kept then t.lower_95 else rate_per * low_95 / people end as lower_95,
        case when is_kept then t.upper_95 else rate_per * high_95 / people end as upper_95,
        case when is_kept then t.lower_998 else rate_per * low_998 / people end as lower_998,
        case when is_kept then t.upper_998 else rate_per * high_998 / people end as upper_998,
        if(is_kept, t.position, read_position) as position,
        if(is_kept, t.dispersion, read_dispersion) as dispersion,
        if(is_kept, t.differs_throughout, read_differs) as differs_throughout,
        if(is_kept, t.tau_squared, read_tau_squared) as tau_squared
    ),
    reason as suppressed,
    is_rounded
from wards as t
inner join limited on limited.place = t.rowid
order by t.rowid
