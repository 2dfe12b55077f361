-- Rates, limits, changes and findings as a reader derives them from the shown counts: one row per
-- value, as printed and as derived.
with
    protected as (select * from measure where not is_exact and method <> 'published'),
    -- The headlines of a year are judged together: those that are exact as printed, the others from
    -- what is shown.
    tested as (
        select
            h.is_headline,
            h.measure_id,
            h."count" as n,
            h.previous_count as before_n,
            h.method,
            h.change_p_value,
            m.is_exact,
            h.denominator as people,
            b.denominator as before_people,
            r.p_value as read_p_value,
            r.change_lower,
            r.change_upper,
            r.dispersion,
            case
                when m.is_exact
                then h.change_p_value
                when h.previous_count is null or h."count" is null
                then null
                when m.has_base
                then shares_tail(n, people, before_n, before_people)
                when m.method = 'count'
                then r.p_value
            end as p_value
        from headline as h
        inner join measure as m on m.measure_id = h.measure_id
        cross join year as y
        left join
            figures as b
            on b.measure_id = h.measure_id
            and b.area_type = 'city'
            and b.period_type = 'strategy_year'
            and b.period_start = y.starts_on - interval 1 year
        left join
            month_change as r
            on r.measure_id = h.measure_id
            and year_starts(r.strategy_year) = y.starts_on
    ),
    tests as (select distinct is_headline as family, measure_id as test, p_value from tested),
    together as (select * from adjusted_for_many('tests')),
    compared as (
        select
            'headline' as source,
            h.measure_id as cell,
            m.method,
            h.change_is_significant,
            h.change,
            h."count" as n,
            h.previous_count as before_n,
            h.change_percent,
            h.finding,
            h.denominator as people,
            b.denominator as before_people,
            together.adjusted <= false_discovery_percent() / 100 as differs
        from headline as h
        inner join protected as m on m.measure_id = h.measure_id
        cross join year as y
        left join
            figures as b
            on b.measure_id = h.measure_id
            and b.area_type = 'city'
            and b.period_type = 'strategy_year'
            and b.period_start = y.starts_on - interval 1 year
        left join together on together.family = h.is_headline and together.test = h.measure_id
        union all by name
        select
            'needs_assessment' as source,
            t.measure_id as cell,
            t.method,
            t.change_is_significant,
            t.change,
            t."count" as n,
            t.previous_count as before_n,
            t.change_percent,
            t.finding,
            t.denominator as people,
            b.denominator as before_people,
            case
                when m.has_base
                then shares_differ(n, people, before_n, before_people)
                when m.method = 'count'
                then r.p_value < significance()
            end as differs
        from needs_assessment as t
        inner join protected as m on m.measure_id = t.measure_id
        left join
            month_change as r
            on r.measure_id = t.measure_id
            and t.period_type = 'strategy_year'
            and year_starts(r.strategy_year) = t.period_start
        left join
            figures as b
            on b.measure_id = t.measure_id
            and b.area_type = 'city'
            and b.period_type = t.period_type
            and b.period_start = t.period_start - interval 1 year
        union all by name
        select
            'cross_check' as source,
            t.measure_id || '|' || t.strategy_year as cell,
            'count' as method,
            t.change_is_significant,
            t."count" as n,
            before."count" as before_n,
            t.change_percent,
            r.p_value < significance() as differs
        from cross_check as t
        inner join protected as m on m.measure_id = t.measure_id
        left join
            month_change as r on r.measure_id = t.measure_id and r.strategy_year = t.strategy_year
        left join
            cross_check as before
            on before.measure_id = t.measure_id
            and cast(before.strategy_year[1:4] as integer) + 1
            = cast(t.strategy_year[1:4] as integer)
        -- The table does not print the year before its first one.
        where before.measure_id is not null
    ),
    limits as (
        select
            'years' as source,
            t.measure_id || '|' || t.period_type || '|' || t.period_start as cell,
            t.rate,
            t.rate_lower,
            t.rate_upper,
            t."count" as n,
            t.denominator as people,
            m.rate_per,
            m.has_base
        from years as t
        inner join protected as m on m.measure_id = t.measure_id
        union all by name
        select
            'headline' as source,
            h.measure_id as cell,
            h.rate,
            h.rate_lower,
            h.rate_upper,
            h."count" as n,
            h.denominator as people,
            m.rate_per,
            m.has_base
        from headline as h
        inner join protected as m on m.measure_id = h.measure_id
        union all by name
        select
            'needs_assessment' as source,
            t.measure_id as cell,
            t.rate,
            t.rate_lower,
            t.rate_upper,
            t."count" as n,
            t.denominator as people,
            m.rate_per,
            m.has_base
        from needs_assessment as t
        inner join protected as m on m.measure_id = t.measure_id
        union all by name
        select
            'wards' as source,
            w.measure_id || '|' || w.ward_code as cell,
            w.rate,
            w.rate_lower,
            w.rate_upper,
            w."count" as n,
            w.denominator as people,
            m.rate_per,
            m.has_base
        from wards as w
        inner join protected as m on m.measure_id = w.measure_id
        union all by name
        select
            'lsoas' as source,
            t.measure_id || '|' || t.lsoa_2021_code as cell,
            t.rate,
            t."count" as n,
            t.denominator as people,
            m.rate_per,
            m.has_base
        from lsoas as t
        inner join protected as m on m.measure_id = t.measure_id
        union all by name
        select
            'figures' as source,
            t.measure_id || '|' || t.area_code || '|' || t.period_start as cell,
            t.rate,
            t."count" as n,
            t.denominator as people,
            m.rate_per,
            m.has_base
        from figures as t
        inner join protected as m on m.measure_id = t.measure_id
    )
select
    'profiles' as source,
    t.measure_id || '|' || t.dimension || '|' || t.profile_value as cell,
    unnest(
        [t.known_share, t.share, t.share_lower, t.share_upper, t.rate, t.rate_lower, t.rate_upper]
    ) as told,
    unnest(
        [
            known / nullif(cast(base as double), 0),
            rate_of(of_known, people, 1),
            rate_lower_of(of_known, people, 1, true),
            rate_upper_of(of_known, people, 1, true),
            rate_of("count", bases, rate_per),
            rate_lower_of("count", bases, rate_per, true),
            rate_upper_of("count", bases, rate_per, true)
        ]
    ) as wanted
from
    (
        select
            p.*,
            m.rate_per,
            if(profile_value <> 'not known' and known > 0, "count", null) as of_known,
            nullif(known, 0) as people,
            if(m.has_base and profile_value <> 'not known', nullif(p.denominator, 0), null) as bases
        from profiles as p
        inner join measure as m on m.measure_id = p.measure_id
    ) as t
union all
select
    source,
    cell,
    unnest([change, change_percent, cast(cast(change_is_significant as int) as double)]) as told,
    unnest(
        [n - before_n, change_percent_of(n, before_n), cast(cast(differs as int) as double)]
    ) as wanted
from compared
union all
select
    'headline',
    tested.measure_id,
    unnest([h.change_p_value, h.change_lower, h.change_upper, h.dispersion]),
    unnest(
        [
            tested.p_value,
            if(tested.method = 'count', tested.change_lower, null),
            if(tested.method = 'count', tested.change_upper, null),
            if(tested.method = 'count', tested.dispersion, null)
        ]
    )
from tested
inner join headline as h on h.measure_id = tested.measure_id and h.is_headline = tested.is_headline
where not tested.is_exact
union all
select
    source,
    cell,
    unnest([rate, rate_lower, rate_upper]),
    unnest(
        [
            rate_of(n, people, rate_per),
            rate_lower_of(n, people, rate_per, has_base),
            rate_upper_of(n, people, rate_per, has_base)
        ]
    )
from limits
union all
-- A finding that says more than the shown counts can: only its presence is checked.
select
    source,
    cell,
    cast(finding <> 'cannot be judged' as int),
    case
        when finding = 'cannot be judged' or differs is not null
        then cast(finding <> 'cannot be judged' as int)
    end
from compared
where source <> 'cross_check'
