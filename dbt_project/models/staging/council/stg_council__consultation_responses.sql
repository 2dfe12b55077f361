-- One row per row of a current delivery: an answer of a respondent to the consultation.
-- An edition has no months, so `period_month` is null; `edition` says when people were asked.
with
    delivered as ({{ current_rows("council", "consultation_responses") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            _period as edition,
            respondent_key,
            strand,
            mode as answered_by,
            venue_type,
            question_id,
            question_text,
            answer_code,
            answer_label,
            {{ as_number("rank") }} as answer_rank,
            rank is not null as is_ranked,
            ward_code,
            age_band,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    edition,
    respondent_key,
    strand,
    answered_by,
    venue_type,
    question_id,
    question_text,
    answer_code,
    answer_label,
    answer_rank,
    ward_code,
    age_band,
    received_at,
    case
        when respondent_key is null
        then 'respondent_missing'
        when strand is null
        then 'strand_missing'
        when question_id is null
        then 'question_missing'
        when answer_code is null
        then 'answer_missing'
        when is_ranked and answer_rank is null
        then 'rank_not_a_number'
        when is_ranked <> (question_id = 'rank_priorities')
        then 'rank_where_none_is_asked'
    end as reject_reason
from typed
