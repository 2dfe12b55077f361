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
    limited as (
        select
            *,
            byar_lower(expected_n, confidence_normal_point()) as low_95,
            byar_upper(expected_n, confidence_normal_point()) as high_95,
            byar_lower(expected_n, outer_normal_point()) as low_998,
            byar_upper(expected_n, outer_normal_point()) as high_998,
            is_exact and reason is null and city_reason is null as is_kept
        from expected
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
        case
            when is_kept
            then t.position
            when expected_n is null
            then null
            when n > high_998
            then 'above the outer limit'
            when n > high_95
            then 'above the inner limit'
            when n < low_998
            then 'below the outer limit'
            when n < low_95
            then 'below the inner limit'
            else 'within'
        end as position
    ),
    reason as suppressed,
    is_rounded
from wards as t
inner join limited on limited.place = t.rowid
order by t.rowid
