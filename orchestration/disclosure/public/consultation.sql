-- Answers, ordered by what is shown: the order of the true counts would distinguish hidden ones.
select
    t.* replace (
        cast(if(s.reason is null, base.shown_count, null) as integer) as base,
        cast(s.shown_count as integer) as respondents,
        s.shown_count / nullif(cast(base.shown_count as double), 0) as share_of_respondents,
        cast(s.shown_first as integer) as first_choices
    ),
    s.reason as suppressed,
    s.is_rounded
from consultation as t
inner join shown as s on s.cell = answer_cell(t.strand, t.question_id, t.answer_code)
inner join shown as base on base.cell = answer_cell(t.strand, t.question_id, '')
order by t.strand, t.question_id, s.shown_count desc nulls last, t.answer_code
