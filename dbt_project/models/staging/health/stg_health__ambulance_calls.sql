-- One row per row of a current delivery: a call relating to crime and disorder.
with
    delivered as ({{ current_rows("health", "ambulance_calls") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            call_ref,
            {{ as_timestamp("called_at", "%Y-%m-%dT%H:%M:%S") }} as called_at,
            category,
            ward_code,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    call_ref,
    called_at,
    category,
    ward_code,
    received_at,
    case
        when called_at is null
        then 'call_time_unreadable'
        when date_trunc('month', called_at) <> period_month
        then 'call_not_in_the_deliverys_month'
        when category is null
        then 'category_missing'
    end as reject_reason
from typed
