-- Consultation answers and the Home Office's offence groups: cells without a row in `figures`.
with
    strictest as (
        select suppress_to, round_to, least_width from rules where rule_id = 'hes_1_7_round_5'
    ),
    answers as (
        select
            'consultation' as source,
            strand,
            question_id,
            answer_code,
            respondents as shown,
            base as shown_base,
            first_choices as shown_first,
            share_of_respondents as rate,
            suppressed as reason,
            is_rounded
        from consultation
        union all
        -- A base is known where any answer to the question prints it.
        select
            'consultation base',
            strand,
            question_id,
            '',
            max(base),
            null,
            null,
            null,
            case when max(base) is null then max(suppressed) end,
            bool_or(is_rounded)
        from consultation
        group by strand, question_id
        union all
        select
            'perception ranked',
            'adult',
            'rank_priorities',
            priority_id,
            named_among_three,
            respondents_who_ranked,
            named_first,
            null,
            suppressed,
            is_rounded
        from perception
        where named_among_three is not null
        union all
        select
            'perception support',
            'adult',
            'support_' || priority_id,
            'yes',
            cast(round(share_of_respondents_in_support * respondents_on_support) as integer),
            respondents_on_support,
            null,
            null,
            null,
            is_rounded
        from perception
        where share_of_respondents_in_support is not null
    )
select
    answer_cell(strand, question_id, answer_code) as cell,
    source,
    'consultation/' || strand || '/' || question_id as measure_id,
    'answer' as area_type,
    answer_code as area_code,
    'edition' as period_type,
    shown,
    shown_base,
    shown_first,
    rate,
    reason,
    coalesce(is_rounded, false) as is_rounded,
    shown_base as people,
    answer_code <> '' as has_base,
    1 as rate_per,
    'count' as method,
    strictest.*,
    false as is_exact,
    3 as finest,
    false as only_years
from answers
cross join strictest
union all by name
select
    external_cell(offence_group) as cell,
    'external' as source,
    'external/' || offence_group as measure_id,
    'city' as area_type,
    '' as area_code,
    'edition' as period_type,
    coalesce(
        our_count,
        their_count + difference,
        cast(round(their_count * (1 + difference_percent / 100)) as bigint)
    ) as shown,
    suppressed as reason,
    is_rounded,
    false as has_base,
    1 as rate_per,
    'count' as method,
    strictest.*,
    false as is_exact,
    3 as finest,
    false as only_years
from external
cross join strictest
