-- One row per row of a current delivery: how often a power was used in the quarter, and by whom.
with
    delivered as ({{ current_rows("council", "asb_tools_used") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            tool,
            {{ as_number("council_uses") }} as council_uses,
            {{ as_number("police_uses") }} as police_uses,
            {{ as_number("landlord_uses") }} as landlord_uses,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    tool,
    council_uses,
    police_uses,
    landlord_uses,
    council_uses + police_uses + landlord_uses as uses,
    received_at,
    case
        when tool is null
        then 'tool_missing'
        when council_uses + police_uses + landlord_uses is null
        then 'uses_not_a_number'
        when least(council_uses, police_uses, landlord_uses) < 0
        then 'uses_negative'
    end as reject_reason
from typed
