-- One row per row of a current delivery: a report of environmental crime.
with
    delivered as ({{ current_rows("council", "environmental_crime") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            report_ref,
            {{ as_date("reported_on") }} as reported_on,
            category,
            ward_code,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    report_ref,
    reported_on,
    category,
    ward_code,
    received_at,
    case
        when report_ref is null
        then 'report_ref_missing'
        when reported_on is null
        then 'reported_on_unreadable'
        when date_trunc('month', reported_on) <> period_month
        then 'reported_on_outside_period'
        when category is null
        then 'category_missing'
    end as reject_reason
from typed
