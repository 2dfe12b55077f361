-- The needs assessment's figures, each for the newest period that its source provides.
with
    paired as (
        select
            t.*,
            t.rowid as place,
            m.is_exact,
            m.has_base,
            case
                when t.period_start is not null and s.cell is null then 'derived' else s.reason
            end as suppressed,
            case
                when t.comparison_missing_reason is null and t.previous_count is not null
                then case when b.cell is null then 'derived' else b.reason end
            end as previous_suppressed,
            coalesce(s.is_rounded, false)
            or coalesce(b.is_rounded and t.comparison_missing_reason is null, false) as is_rounded,
            s.shown_count as now_count,
            case
                when s.reason is null then if(m.has_base, s.shown_base, t.denominator)
            end as people,
            case when t.comparison_missing_reason is null then b.shown_count end as before_count,
            case when t.comparison_missing_reason is null then b.shown_base end as before_people
        from needs_assessment as t
        inner join measure as m on m.measure_id = t.measure_id
        left join
            shown as s
            on s.measure_id = t.measure_id
            and s.area_type = 'city'
            and s.period_type = t.period_type
            and s.period_start = t.period_start
        left join
            shown as b
            on b.measure_id = t.measure_id
            and b.area_type = 'city'
            and b.period_type = t.period_type
            and b.period_start = cast(t.period_start - interval 1 year as date)
    ),
    tested as (
        select
            paired.*,
            coalesce(suppressed, previous_suppressed) is not null as is_hidden,
            case
                when comparison_missing_reason is not null
                then null
                when method = 'proportion'
                then shares_differ(now_count, people, before_count, before_people)
                when method = 'count' and before_count is not null
                then month_change.p_value < significance()
            end as differs,
            case
                when has_base
                then now_count / nullif(people, 0) > before_count / nullif(before_people, 0)
                else now_count > before_count
            end as went_up
        from paired
        left join
            month_change
            on month_change.measure_id = paired.measure_id
            and paired.period_type = 'strategy_year'
            and year_starts(month_change.strategy_year) = paired.period_start
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
        went_up
    ) replace (
        now_count as "count",
        if(is_exact and not is_hidden, previous_count, before_count) as previous_count,
        if(is_exact and not is_hidden, change, now_count - before_count) as change,
        if(
            is_exact and not is_hidden, change_percent, change_percent_of(now_count, before_count)
        ) as change_percent,
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
        if(is_exact and not is_hidden, change_is_significant, differs) as change_is_significant,
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
        end as finding
    )
from tested
order by place
