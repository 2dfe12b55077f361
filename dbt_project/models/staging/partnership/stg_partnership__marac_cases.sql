-- One row per row of a current delivery: a case that the MARAC heard.
with
    delivered as ({{ current_rows("partnership", "marac_cases") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            case_ref,
            {{ as_date("heard_on", "%d/%m/%Y") }} as heard_on,
            victim_key,
            perpetrator_key,
            victim_sex,
            referred_by,
            {{ as_number("children_in_household") }} as children_in_household,
            ethnicity_group,
            {{ as_flag("disability") }} as is_disabled,
            {{ as_flag("lgbt") }} as is_lgbt,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    case_ref,
    heard_on,
    victim_key,
    perpetrator_key,
    victim_sex,
    referred_by,
    children_in_household,
    ethnicity_group,
    is_disabled,
    is_lgbt,
    received_at,
    case
        when heard_on is null
        then 'heard_on_unreadable'
        when date_trunc('quarter', heard_on) <> period_month
        then 'hearing_not_in_the_deliverys_quarter'
        when victim_key is null or perpetrator_key is null
        then 'key_missing'
        when referred_by is null
        then 'referrer_missing'
        when children_in_household is null
        then 'children_not_a_number'
    end as reject_reason
from typed
