-- One row per row of a current delivery: referrals of one combination of the published table.
with
    delivered as ({{ current_rows("national", "nrm_referrals") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            consent,
            age_group,
            exploitation_type,
            {{ as_flag("county_lines_flag") }} as is_county_lines,
            first_responder,
            {{ as_number("referrals") }} as referrals,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    consent,
    age_group,
    exploitation_type,
    is_county_lines,
    first_responder,
    referrals,
    received_at,
    case
        when referrals is null
        then 'referrals_not_a_number'
        when consent is null
        then 'consent_missing'
        when age_group is null
        then 'age_group_missing'
        when exploitation_type is null
        then 'exploitation_type_missing'
        when is_county_lines is null
        then 'county_lines_flag_unreadable'
        when consent = 'duty_to_notify' and age_group <> 'adult'
        then 'duty_to_notify_of_a_child'
    end as reject_reason
from typed
