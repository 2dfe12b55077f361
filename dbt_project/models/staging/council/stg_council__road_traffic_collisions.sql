-- One row per row of a current delivery: a collision in which somebody was hurt.
with
    delivered as ({{ current_rows("council", "road_traffic_collisions") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            collision_ref,
            {{ as_date("occurred_on", "%d/%m/%Y") }} as occurred_on,
            cast({{ as_timestamp("occurred_time", "%H:%M") }} as time) as occurred_at_time,
            occurred_time is not null as has_time,
            {{ as_number("adults_killed") }} as adults_killed,
            {{ as_number("adults_serious") }} as adults_serious,
            {{ as_number("adults_slight") }} as adults_slight,
            {{ as_number("children_killed") }} as children_killed,
            {{ as_number("children_serious") }} as children_serious,
            {{ as_number("children_slight") }} as children_slight,
            {{ as_flag("drink_drive") }} as is_drink_drive,
            ward_code,
            _received_at as received_at
        from delivered
    ),

    summed as (
        select
            *,
            adults_killed
            + adults_serious
            + children_killed
            + children_serious as killed_or_seriously_injured,
            adults_slight + children_slight as slightly_injured
        from typed
    )

select
    delivery_id,
    line_number,
    period_month,
    collision_ref,
    occurred_on,
    occurred_at_time,
    adults_killed,
    adults_serious,
    adults_slight,
    children_killed,
    children_serious,
    children_slight,
    killed_or_seriously_injured,
    slightly_injured,
    is_drink_drive,
    ward_code,
    received_at,
    case
        when collision_ref is null
        then 'collision_ref_missing'
        when occurred_on is null
        then 'occurred_on_unreadable'
        when date_trunc('quarter', occurred_on) <> period_month
        then 'occurred_on_outside_period'
        when has_time and occurred_at_time is null
        then 'occurred_time_unreadable'
        when killed_or_seriously_injured + slightly_injured is null
        then 'casualties_not_a_number'
        when killed_or_seriously_injured + slightly_injured < 1
        then 'nobody_hurt'
        when is_drink_drive is null
        then 'drink_drive_unreadable'
    end as reject_reason
from summed
