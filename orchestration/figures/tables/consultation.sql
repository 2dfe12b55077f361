-- One row per strand, question and answer of the newest consultation by the year's end (all ways
-- of answering together).
select
    edition,
    strand,
    question_id,
    question_text,
    answer_code,
    answer_label,
    base,
    respondents,
    share_of_respondents,
    first_choices,
    missing_reason
from marts.consultation_answer
where
    mode = 'all'
    and edition = (
        select max(edition)
        from marts.consultation_answer
        where edition <= cast(year(cast($year_end as date)) as varchar)
    )
order by strand, question_id, respondents desc nulls last, answer_code
