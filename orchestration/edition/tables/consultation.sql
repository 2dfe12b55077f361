-- One row per strand, question and answer of the newest consultation (all ways of answering together).
select edition, strand, question_id, question_text, answer_code, answer_label, base, respondents,
    share_of_respondents, first_choices, missing_reason
from marts.consultation_answer
where mode = 'all' and edition = (select max(edition) from marts.consultation_answer)
order by strand, question_id, respondents desc nulls last, answer_code
