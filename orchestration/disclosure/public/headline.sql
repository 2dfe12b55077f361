-- The year and the year before, and what can be derived from the shown counts of both.
with
    paired as (
        select
            h.*,
            h.rowid as place,
            m.is_exact,
            m.has_base,
            s.reason as suppressed,
            case
                when h.comparison_missing_reason is null
                then case when b.cell is null then 'derived' else b.reason end
            end as previous_suppressed,
            s.is_rounded
            or coalesce(b.is_rounded and h.comparison_missing_reason is null, false) as is_rounded,
            s.shown_count as now_count,
            case
                when s.reason is null then if(m.has_base, s.shown_base, h.denominator)
            end as people,
            case when h.comparison_missing_reason is null then b.shown_count end as before_count,
            case when h.comparison_missing_reason is null then b.shown_base end as before_people
        from headline as h
        inner join measure as m on m.measure_id = h.measure_id
        cross join edition_year
        inner join
            shown as s
            on s.measure_id = h.measure_id
            and s.area_type = 'city'
            and s.period_type = 'strategy_year'
            and s.period_start = edition_year.starts_on
        left join
            shown as b
            on b.measure_id = h.measure_id
            and b.area_type = 'city'
            and b.period_type = 'strategy_year'
            and b.period_start = cast(edition_year.starts_on - interval 1 year as date)
    ),
    tested as (
        select
            paired.*,
            coalesce(suppressed, previous_suppressed) is not null as is_hidden,
            month_change.dispersion as shown_dispersion,
            month_change.change_lower as shown_lower,
            month_change.change_upper as shown_upper,
            case
                when
                    comparison_missing_reason is not null
                    or coalesce(suppressed, previous_suppressed) is not null
                then null
                when is_exact
                then change_p_value
                when method = 'proportion'
                then shares_tail(now_count, people, before_count, before_people)
                when method = 'count'
                then month_change.p_value
            end as shown_p_value,
            case
                when has_base
                then now_count / nullif(people, 0) > before_count / nullif(before_people, 0)
                else now_count > before_count
            end as went_up
        from paired
        cross join edition_year
        left join
            month_change
            on month_change.measure_id = paired.measure_id
            and month_change.strategy_year = edition_year.label
    ),
    -- A measure of two priorities is tested once.
    tests as (
        select distinct is_headline as family, measure_id as test, shown_p_value as p_value
        from tested
    ),
    together as (select * from adjusted_for_many('tests')),
    judged as (
        select tested.*, together.adjusted <= false_discovery_percent() / 100 as differs
        from tested
        left join
            together on together.family = tested.is_headline and together.test = tested.measure_id
    )
select
    * exclude (
        place,
        is_exact,
        has_base,
        now_count,
        people,
        before_count,
        before_people,
        is_hidden,
        differs,
        went_up,
        shown_dispersion,
        shown_lower,
        shown_upper,
        shown_p_value
    ) replace (
        now_count as "count",
        before_count as previous_count,
        now_count - before_count as change,
        case
            when is_exact and not is_hidden
            then change_percent
            else change_percent_of(now_count, before_count)
        end as change_percent,
        case
            when is_exact and not is_hidden
            then change_lower
            when method = 'count' and shown_p_value is not null
            then shown_lower
        end as change_lower,
        case
            when is_exact and not is_hidden
            then change_upper
            when method = 'count' and shown_p_value is not null
            then shown_upper
        end as change_upper,
        case
            when is_exact and not is_hidden
            then dispersion
            when method = 'count' and shown_p_value is not null
            then shown_dispersion
        end as dispersion,
        shown_p_value as change_p_value,
        if(shown_p_value is null, null, tests_together) as tests_together,
        people as denominator,
        case
            when suppressed is not null
            then null
            when is_exact
            then rate
            else rate_of(now_count, people, rate_per)
        end as rate,
        case
            when suppressed is not null
            then null
            when is_exact
            then rate_lower
            else rate_lower_of(now_count, people, rate_per, has_base)
        end as rate_lower,
        case
            when suppressed is not null
            then null
            when is_exact
            then rate_upper
            else rate_upper_of(now_count, people, rate_per, has_base)
        end as rate_upper,
        case
            when is_exact and not is_hidden then change_is_significant else differs
        end as change_is_significant,
        case
            when is_exact and not is_hidden
            then finding
            when differs is null
            then 'cannot be judged'
            when not differs
            then 'no clear change'
            when has_base
            then if(went_up, 'higher', 'lower')
            else if(went_up, 'more', 'fewer')
        end as finding,
        case
            when is_exact and not is_hidden
            then verdict
            when not coalesce(differs, false) or polarity = 'neutral'
            then 'neither'
            when went_up = (polarity = 'up')
            then 'better'
            else 'worse'
        end as verdict,
        case
            when comparison_missing_reason is not null
            then comparison_missing_reason
            when is_hidden
            then 'suppressed'
            when is_exact
            then not_judged_because
            when differs is not null
            then null
            when method = 'stock'
            then 'stock_has_no_test'
            when method = 'proportion'
            then 'base_too_small'
            else 'too_few_pairs'
        end as not_judged_because
    )
from judged
order by place
