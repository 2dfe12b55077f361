-- One row per edition, strand, way of answering, question and answer: how many of those who
-- answered
-- the question said so. Respondents chose to answer: a share of respondents is never a share of
-- residents.
with
    answers as (
        select * from {{ ref("stg_council__consultation_responses") }} where reject_reason is null
    ),

    -- Online and face to face apart, and together.
    by_mode as (
        select *, answered_by as mode
        from answers
        union all
        select *, 'all' as mode
        from answers
    ),

    bases as (
        select edition, strand, mode, question_id, count(distinct respondent_key) as base
        from by_mode
        group by 1, 2, 3, 4
    ),

    counted as (
        select
            edition,
            strand,
            mode,
            question_id,
            min(question_text) as question_text,
            answer_code,
            min(answer_label) as answer_label,
            count(distinct respondent_key) as respondents,
            -- Ranked answers: how many put it first.
            count(distinct respondent_key) filter (where answer_rank = 1) as first_choices,
            bool_or(answer_rank is not null) as is_ranked
        from by_mode
        group by edition, strand, mode, question_id, answer_code
    )

select
    cast(counted.edition as varchar) as edition,
    cast(counted.strand as varchar) as strand,
    cast(counted.mode as varchar) as mode,
    cast(counted.question_id as varchar) as question_id,
    cast(counted.question_text as varchar) as question_text,
    cast(counted.answer_code as varchar) as answer_code,
    cast(counted.answer_label as varchar) as answer_label,
    cast(bases.base as bigint) as base,
    cast(
        case when bases.base >= minimum_respondents() then counted.respondents end as integer
    ) as respondents,
    cast(
        case
            when bases.base >= minimum_respondents()
            then counted.respondents / cast(bases.base as double)
        end as double
    ) as share_of_respondents,
    cast(
        case
            when bases.base >= minimum_respondents() and counted.is_ranked
            then counted.first_choices
        end as integer
    ) as first_choices,
    cast(
        case when bases.base < minimum_respondents() then 'base_too_small' end as varchar
    ) as missing_reason,
    cast(counted.is_ranked as boolean) as has_several_answers,
    cast(run.is_synthetic as boolean) as is_synthetic
from counted
inner join
    bases
    on bases.edition = counted.edition
    and bases.strand = counted.strand
    and bases.mode = counted.mode
    and bases.question_id = counted.question_id
cross join {{ source("manifest", "run") }} as run
order by edition, strand, mode, question_id, answer_code
