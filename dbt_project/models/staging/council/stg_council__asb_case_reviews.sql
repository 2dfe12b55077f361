-- One row per row of a current delivery: the four published figures of a financial year.
{{ stage("council", "asb_case_reviews") }}
