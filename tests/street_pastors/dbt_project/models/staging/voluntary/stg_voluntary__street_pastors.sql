-- One row per row of a current delivery: a patrol of the street pastors.
with
    delivered as ({{ current_rows("voluntary", "street_pastors") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            patrol_ref,
            {{ as_date("patrolled_on", "%d/%m/%Y") }} as patrolled_on,
            {{ as_number("people_helped") }} as people_helped,
            {{ as_number("first_aid") }} as first_aid,
            ward_code,
            _received_at as received_at
        from delivered
    )

select
    *,
    case
        when date_trunc('month', patrolled_on) is distinct from period_month
        then 'patrol_not_in_the_deliverys_month'
    end as reject_reason
from typed
