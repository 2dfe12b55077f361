-- One row per row of a current delivery: an incident attended or a call received.
with
    delivered as ({{ current_rows("fire", "incidents") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            incident_number,
            {{ as_timestamp("call_time", "%d/%m/%Y %H:%M") }} as called_at,
            incident_type,
            property_type,
            motive,
            lsoa_code,
            {{ as_number("casualties") }} as casualties,
            {{ as_flag("smoke_alarm_fitted") }} as has_smoke_alarm,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    incident_number,
    called_at,
    incident_type,
    property_type,
    motive,
    lsoa_code,
    casualties,
    has_smoke_alarm,
    received_at,
    case
        when called_at is null
        then 'call_time_unreadable'
        when date_trunc('month', called_at) <> period_month
        then 'call_not_in_the_deliverys_month'
        when incident_type is null
        then 'incident_type_missing'
    end as reject_reason
from typed
