-- One row per row of a current delivery: a referral of a victim to the victim service.
with
    delivered as ({{ current_rows("voluntary", "victim_support") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            referral_ref,
            {{ as_date("referred_on", "%d/%m/%Y") }} as referred_on,
            crime_group,
            {{ as_flag("accepted") }} as is_accepted,
            ward_code,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    referral_ref,
    referred_on,
    crime_group,
    is_accepted,
    ward_code,
    received_at,
    case
        when referred_on is null
        then 'referred_on_unreadable'
        when date_trunc('month', referred_on) <> period_month
        then 'referral_not_in_the_deliverys_month'
        when crime_group is null
        then 'crime_group_missing'
    end as reject_reason
from typed
