-- One row per row of a current delivery: an incident of the police log.
with
    delivered as ({{ current_rows("police", "incidents") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            incident_ref,
            {{ as_timestamp("opened_at", "%Y-%m-%d %H:%M") }} as opened_at,
            nsir_closing_code,
            nsir_asb_class,
            qualifiers,
            grade,
            lsoa_code,
            linked_crime_ref,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    incident_ref,
    opened_at,
    nsir_closing_code,
    nsir_asb_class,
    qualifiers,
    grade,
    lsoa_code,
    linked_crime_ref,
    received_at,
    case
        when opened_at is null
        then 'opened_at_unreadable'
        when date_trunc('month', opened_at) <> period_month
        then 'incident_not_in_the_deliverys_month'
        when nsir_closing_code is null
        then 'closing_code_missing'
    end as reject_reason
from typed
