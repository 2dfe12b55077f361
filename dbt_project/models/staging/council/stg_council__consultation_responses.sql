-- One row per row of a current delivery: an answer of a respondent to the consultation.
-- An edition has no months, so `period_month` is null; `edition` says when people were asked.
{{ stage("council", "consultation_responses") }}
