-- One row per row of a current delivery: a case that the anti-social behaviour team opened.
with
    delivered as ({{ current_rows("council", "asb_cases") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            case_ref,
            {{ as_date("opened_on", "%d/%m/%Y") }} as opened_on,
            category,
            tenure,
            source as reported_by,
            risk_level,
            {{ as_number("working_days_to_contact") }} as working_days_to_contact,
            working_days_to_contact is not null as is_contacted,
            {{ as_number("reports_in_six_months") }} as reports_in_six_months,
            ward_code,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    case_ref,
    opened_on,
    category,
    tenure,
    reported_by,
    risk_level,
    working_days_to_contact,
    is_contacted,
    reports_in_six_months,
    ward_code,
    received_at,
    case
        when case_ref is null
        then 'case_ref_missing'
        when opened_on is null
        then 'opened_on_unreadable'
        when date_trunc('month', opened_on) <> period_month
        then 'opened_on_outside_period'
        when category is null
        then 'category_missing'
        when risk_level is null
        then 'risk_level_missing'
        when is_contacted and working_days_to_contact is null
        then 'working_days_not_a_number'
        when reports_in_six_months is null
        then 'reports_not_a_number'
    end as reject_reason
from typed
