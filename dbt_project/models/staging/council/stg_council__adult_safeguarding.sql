-- One row per row of a current delivery: a safeguarding enquiry that was started.
with
    delivered as ({{ current_rows("council", "adult_safeguarding") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            enquiry_ref,
            {{ as_date("started_on") }} as started_on,
            enquiry_type,
            abuse_type,
            location as location_type,
            age_band,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    enquiry_ref,
    started_on,
    enquiry_type,
    abuse_type,
    location_type,
    age_band,
    received_at,
    case
        when enquiry_ref is null
        then 'enquiry_ref_missing'
        when started_on is null
        then 'started_on_unreadable'
        when date_trunc('quarter', started_on) <> period_month
        then 'started_on_outside_period'
        when enquiry_type is null
        then 'enquiry_type_missing'
        when abuse_type is null
        then 'abuse_type_missing'
    end as reject_reason
from typed
