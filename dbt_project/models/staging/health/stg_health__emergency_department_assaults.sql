-- One row per row of a current delivery: an attendance at an emergency department after an assault.
with
    delivered as ({{ current_rows("health", "emergency_department_assaults") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            site_code,
            {{ as_date("period_start") }} as reported_from,
            {{ as_date("period_end") }} as reported_to,
            {{ as_timestamp("arrived_at", "%Y-%m-%dT%H:%M:%S") }} as arrived_at,
            arrived_at is not null as has_arrival_text,
            {{ as_timestamp("assaulted_at", "%Y-%m-%dT%H:%M:%S") }} as assaulted_at,
            assault_method,
            assault_location_type,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    site_code,
    arrived_at,
    assaulted_at,
    assault_method,
    assault_location_type,
    received_at,
    case
        when reported_from is null or reported_to is null
        then 'reporting_period_unreadable'
        when date_trunc('month', reported_from) <> period_month
        then 'reporting_period_is_not_the_deliverys'
        when has_arrival_text and arrived_at is null
        then 'arrival_unreadable'
        when cast(arrived_at as date) not between reported_from and reported_to
        then 'arrival_not_in_the_reporting_period'
        when assaulted_at is null
        then 'assault_time_unreadable'
        when assault_method is null
        then 'assault_method_missing'
    end as reject_reason
from typed
