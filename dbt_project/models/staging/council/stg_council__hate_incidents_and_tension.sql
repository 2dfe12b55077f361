-- One row per row of a current delivery: a hate incident or a report of community tension.
with
    delivered as ({{ current_rows("council", "hate_incidents_and_tension") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            record_ref,
            {{ as_date("recorded_on") }} as recorded_on,
            kind,
            replace(strands, ' ', '') as strands,
            eep as tension_judged,
            source as reported_by,
            ward_code,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    record_ref,
    recorded_on,
    kind,
    strands,
    tension_judged,
    reported_by,
    ward_code,
    received_at,
    case
        when record_ref is null
        then 'record_ref_missing'
        when recorded_on is null
        then 'recorded_on_unreadable'
        when date_trunc('month', recorded_on) <> period_month
        then 'recorded_on_outside_period'
        when kind is null
        then 'kind_missing'
    end as reject_reason
from typed
