-- Wards above the outer limit, recounted from the public funnel. The number of consecutive years is
-- known only where every counted measure is exact: the funnels of earlier years are not published.
with
    flagged as (
        select
            w.ward_code,
            h.measure_name,
            h.priority_order,
            w.measure_id,
            m.is_exact,
            w.position = 'above the outer limit' as is_above,
            rank() over (partition by w.measure_id order by w.rate desc)
            <= count(*) over (partition by w.measure_id) / 5.0 as is_in_top_fifth
        from public_wards as w
        inner join
            (
                select distinct on (measure_id) measure_id, measure_name, priority_order
                from public_headline
                where is_headline and polarity is distinct from 'up'
                order by measure_id
            ) as h
            on h.measure_id = w.measure_id
        inner join measure as m on m.measure_id = w.measure_id
        where w.position is not null
    ),
    counted as (
        select
            ward_code,
            count(*) as measures,
            count(*) filter (where is_above) as above_outer_limit,
            count(*) filter (where is_in_top_fifth) as in_top_fifth,
            string_agg(measure_name, '; ' order by measure_id) filter (
                where is_above
            ) as flagged_measures
        from flagged
        group by ward_code
    ),
    -- The same measures count for every ward, so that no single ward can be distinguished.
    exact as (
        select coalesce(bool_and(m.is_exact), true) as all_exact
        from headline as h
        inner join measure as m on m.measure_id = h.measure_id
        where
            h.is_headline
            and h.polarity is distinct from 'up'
            and h.measure_id in (select measure_id from wards)
    )
select
    t.* replace (
        if(all_exact, t.measures, coalesce(c.measures, 0)) as measures,
        if(all_exact, t.above_outer_limit, coalesce(c.above_outer_limit, 0)) as above_outer_limit,
        if(all_exact, t.in_top_fifth, coalesce(c.in_top_fifth, 0)) as in_top_fifth,
        if(all_exact, t.flagged_measures, c.flagged_measures) as flagged_measures,
        case
            when all_exact then t.years_on_list when coalesce(c.above_outer_limit, 0) = 0 then 0
        end as years_on_list
    ),
    cast(null as varchar) as suppressed,
    not all_exact as is_rounded
from ward_flags as t
cross join exact
left join counted as c on c.ward_code = t.ward_code
order by above_outer_limit desc, in_top_fifth desc, t.ward_code
