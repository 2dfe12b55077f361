-- One row per row of a current delivery: an action as it stood at the end of the quarter.
with
    delivered as ({{ current_rows("council", "plan_actions") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            action_ref,
            priority_id,
            action as action_text,
            lead as led_by,
            {{ as_date("due_on", "%d/%m/%Y") }} as due_on,
            rag,
            {{ as_number("progress_percent") }} as progress_percent,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    action_ref,
    priority_id,
    action_text,
    led_by,
    due_on,
    rag,
    progress_percent,
    received_at,
    case
        when action_ref is null
        then 'action_ref_missing'
        when priority_id is null
        then 'priority_missing'
        when due_on is null
        then 'due_on_unreadable'
        when rag is null
        then 'rag_missing'
        when progress_percent is null
        then 'progress_not_a_number'
        when progress_percent < 0 or progress_percent > 100
        then 'progress_not_a_percentage'
    end as reject_reason
from typed
