-- One row per row of a current delivery: how many assessments of the quarter named a factor.
with
    delivered as ({{ current_rows("council", "child_assessment_factors") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            factor,
            {{ as_number("assessments", thousands=true) }} as assessments,
            {{ marker("assessments", {"*": "suppressed"}) }} as assessments_missing_reason,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    factor,
    assessments,
    assessments_missing_reason,
    received_at,
    case
        when factor is null
        then 'factor_missing'
        when assessments is null and assessments_missing_reason is null
        then 'assessments_not_a_number'
    end as reject_reason
from typed
