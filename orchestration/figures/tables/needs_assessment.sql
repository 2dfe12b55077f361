-- One row per section of the serious violence needs assessment and measure: the year's figure,
-- whole area. A measure that its source makes for no strategy year has its newest period of
-- another kind that ended by the end of the year. Sources stand side by side and are never added.
with
    -- A publisher's figure never counts as one of a strategy year if its own period is another.
    periods as (
        select
            fact.*,
            measure.unit,
            measure.rate_per,
            measure.method,
            measure.polarity,
            lag(fact.rate) over (
                partition by fact.measure_id, fact.period_type order by fact.period_start
            ) as previous_rate
        from marts.fct_measure as fact
        inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
        where
            fact.area_type = 'city'
            and fact.period_end <= $year_end
            and fact.measure_id in (select measure_id from marts.needs_assessment)
            and fact.period_type
            in ('strategy_year', 'calendar_year', 'academic_year', 'pooled_3_years')
    ),
    newest as (
        select *
        from periods
        where period_type <> 'strategy_year' or strategy_year = $year
        qualify
            row_number() over (
                partition by measure_id
                order by
                    case
                        when period_type <> 'strategy_year'
                        then 2
                        when missing_reason is distinct from 'not_published'
                        then 1
                        else 3
                    end,
                    period_end desc,
                    period_type
            )
            = 1
    )
select
    needs.section,
    needs.section_order,
    needs.sort_order,
    needs.measure_id,
    needs.measure_name,
    newest.area_name,
    needs.why_here || case
        when newest.period_type <> 'strategy_year'
        then
            '; of '
            || strftime(newest.period_start, '%-d %B %Y')
            || ' to '
            || strftime(newest.period_end, '%-d %B %Y')
        else ''
    end as detail,
    newest.unit,
    newest.rate_per,
    newest.method,
    newest.polarity,
    newest.period_type,
    newest.period_start,
    newest.period_end,
    newest."count",
    newest.previous_count,
    newest.change,
    newest.change_percent,
    newest.denominator,
    newest.rate,
    newest.rate_lower,
    newest.rate_upper,
    newest.change_is_significant,
    case
        when newest.change_is_significant is null
        then 'cannot be judged'
        when not newest.change_is_significant
        then 'no clear change'
        when newest.method in ('proportion', 'published')
        then case when newest.rate > newest.previous_rate then 'higher' else 'lower' end
        when newest.change > 0
        then 'more'
        else 'fewer'
    end as finding,
    newest.missing_reason,
    newest.comparison_missing_reason,
    newest.is_provisional,
    needs.verified
from marts.needs_assessment as needs
left join newest on newest.measure_id = needs.measure_id
order by needs.section_order, needs.sort_order
