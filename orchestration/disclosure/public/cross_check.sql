-- Partners side by side. A year is compared with the one before unless a known break separates
-- the two. That is read from the breaks, never from whether the true figures were compared.
with
    joined as (
        select
            t.rowid as place,
            m.is_exact,
            s.reason,
            s.is_rounded,
            s.shown_count as n,
            case
                when
                    not exists (
                        select 1
                        from breaks as b
                        where
                            b.measure_id = t.measure_id
                            and b.effect = 'not_comparable'
                            and b.break_on > s.period_start - interval 1 year
                            and b.break_on <= s.period_end
                    )
                then before.shown_count
            end as before_n,
            before.reason as before_reason,
            month_change.p_value
        from cross_check as t
        inner join measure as m on m.measure_id = t.measure_id
        inner join
            shown as s
            on s.measure_id = t.measure_id
            and s.area_type = 'city'
            and s.period_type = 'strategy_year'
            and s.period_start = year_starts(t.strategy_year)
        left join
            shown as before
            on before.measure_id = s.measure_id
            and before.area_type = 'city'
            and before.period_type = 'strategy_year'
            and before.period_start = cast(s.period_start - interval 1 year as date)
        left join
            month_change
            on month_change.measure_id = t.measure_id
            and month_change.strategy_year = t.strategy_year
    )
select
    t.* replace (
        n as "count",
        case
            when reason is not null or before_reason is not null
            then null
            when is_exact
            then t.change_percent
            else change_percent_of(n, before_n)
        end as change_percent,
        case
            when reason is not null or before_reason is not null
            then null
            when is_exact
            then t.change_is_significant
            when before_n is not null
            then p_value < significance()
        end as change_is_significant
    ),
    reason as suppressed,
    is_rounded
from cross_check as t
inner join joined on joined.place = t.rowid
order by t.rowid
