-- One row per row of a current delivery: a commissioned domestic abuse service in a quarter.
with
    delivered as ({{ current_rows("voluntary", "domestic_abuse_services") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            service,
            {{ as_number("referrals_from_police") }} as referrals_from_police,
            {{ as_number("referrals_from_others") }} as referrals_from_others,
            {{ marker("accommodation_requests", {"n/a": "not_applicable"}) }}
            as accommodation_marker,
            {{ as_number("accommodation_requests") }} as accommodation_requests,
            {{ as_number("accommodation_refused") }} as accommodation_refused,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    service,
    referrals_from_police,
    referrals_from_others,
    -- A service with no accommodation to give has null here, not nought.
    accommodation_requests,
    accommodation_refused,
    received_at,
    case
        when service is null
        then 'service_missing'
        when referrals_from_police is null or referrals_from_others is null
        then 'referrals_not_a_number'
        when
            accommodation_marker is null
            and (accommodation_requests is null or accommodation_refused is null)
        then 'accommodation_not_a_number'
        when accommodation_refused > accommodation_requests
        then 'more_refused_than_requested'
    end as reject_reason
from typed
