-- Who, when and where, of the year. Shares are over the events that are shown as known; what is by
-- another dimension, or of a measure of which the year alone may be known, is not listed.
with
    keyed as (
        select
            t.*,
            t.rowid as place,
            profile_area(t.dimension) as area_type,
            t.base is not null as has_figure,
            t.profile_value <> 'not known' as is_value,
            m.has_base,
            m.rate_per,
            y.starts_on
        from profiles as t
        inner join measure as m on m.measure_id = t.measure_id
        cross join edition_year as y
    ),
    joined as (
        select
            k.*,
            if(s.cell is null, 'detail', s.reason) as reason,
            coalesce(s.is_rounded, false)
            or coalesce(known.is_rounded, false)
            or coalesce(whole.is_rounded, false) as any_rounded,
            s.shown_count as n,
            s.shown_base as people,
            known.shown_count as known_n,
            if(k.has_figure, whole.shown_count, null) as base_n
        from keyed as k
        cross join city
        left join
            shown as s
            on s.cell
            = cell_of(k.measure_id, k.area_type, k.profile_value, 'strategy_year', k.starts_on)
        left join
            shown as known
            on known.cell = cell_of(k.measure_id, k.area_type, '', 'strategy_year', k.starts_on)
        left join
            shown as whole
            on whole.cell
            = cell_of(k.measure_id, 'city', city.area_code, 'strategy_year', k.starts_on)
    ),
    shared as (
        select
            *, if(is_value and known_n > 0, n, null) as of_known, nullif(known_n, 0) as known_people
        from joined
    )
select
    t.* replace (
        n as "count",
        base_n as base,
        known_n as known,
        known_n / nullif(cast(base_n as double), 0) as known_share,
        rate_of(of_known, known_people, 1) as share,
        rate_lower_of(of_known, known_people, 1, true) as share_lower,
        rate_upper_of(of_known, known_people, 1, true) as share_upper,
        people as denominator,
        if(is_value, rate_of(n, people, rate_per), null) as rate,
        if(is_value, rate_lower_of(n, nullif(people, 0), rate_per, true), null) as rate_lower,
        if(is_value, rate_upper_of(n, nullif(people, 0), rate_per, true), null) as rate_upper
    ),
    reason as suppressed,
    reason is null and any_rounded as is_rounded
from profiles as t
inner join shared on shared.place = t.rowid
order by t.rowid
