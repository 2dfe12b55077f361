-- One row per cell with the primary decision on it (`cells.decide`). A count is small where it, its
-- base or the rest of the base is from 1 to `suppress_to`: the complement of a share discloses as
-- much as the share.
with
    figure as (
        select
            cell_of(f.measure_id, f.area_type, f.area_code, f.period_type, f.period_start) as cell,
            f.measure_id,
            f.area_type,
            f.area_code,
            f.period_type,
            cast(f.period_start as date) as period_start,
            cast(f.period_end as date) as period_end,
            cast(f."count" as bigint) as value_count,
            case
                when m.has_base and f.area_code <> '' then cast(f.denominator as bigint)
            end as value_base,
            cast(null as bigint) as value_first,
            m.method,
            fineness(f.area_type) > m.finest as is_withheld,
            m.only_years
            and not (
                f.period_type = 'strategy_year' and f.area_type in ('city', 'unplaced')
            ) as is_off_period,
            r.suppress_to,
            r.round_to,
            r.least_width,
            r.is_exact
        from counts as f
        inner join measure as m on m.measure_id = f.measure_id
        inner join
            measure_rule as r
            on r.measure_id = f.measure_id
            and r.of_profile = is_profile(f.area_type)
    ),
    strictest as (
        select suppress_to, round_to, least_width from rules where rule_id = 'hes_1_7_round_5'
    ),
    answer as (
        select
            answer_cell(c.strand, c.question_id, c.answer_code) as cell,
            c.strand,
            c.question_id,
            c.answer_code,
            c.respondents as value_count,
            c.base as value_base,
            c.first_choices as value_first
        from consultation as c
        union all
        select
            answer_cell(c.strand, c.question_id, ''),
            c.strand,
            c.question_id,
            '',
            max(c.base),
            null,
            null
        from consultation as c
        group by c.strand, c.question_id
    ),
    other as (
        select
            cell,
            'consultation/' || strand || '/' || question_id as measure_id,
            'answer' as area_type,
            answer_code as area_code,
            'edition' as period_type,
            value_count,
            value_base,
            value_first
        from answer
        union all
        select
            external_cell(offence_group),
            'external/' || offence_group,
            'city',
            '',
            'edition',
            our_count,
            null,
            null
        from external
    ),
    together as (
        select *
        from figure
        union all by name
        select
            other.*,
            'count' as method,
            false as is_withheld,
            false as is_off_period,
            strictest.*,
            false as is_exact
        from other
        cross join strictest
    )
select
    * exclude (is_withheld, is_off_period),
    case
        when is_withheld
        then 'geography'
        when is_off_period
        then 'period'
        when is_exact
        then null
        when method = 'published' and value_count is not null
        then 'derived'
        when
            coalesce(value_count between 1 and suppress_to, false)
            or coalesce(value_base between 1 and suppress_to, false)
            or coalesce(value_base - value_count between 1 and suppress_to, false)
            or coalesce(value_first between 1 and suppress_to, false)
            or coalesce(value_count - value_first between 1 and suppress_to, false)
        then 'small'
    end as reason
from together
order by cell
