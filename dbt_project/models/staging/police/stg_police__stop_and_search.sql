-- One row per row of a current delivery: a stop and search.
with
    delivered as ({{ current_rows("police", "stop_and_search") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            _part as force_slug,
            -- Time as written; the offset is set aside, so a search keeps the day it is listed
            -- under.
            {{ as_timestamp("left(searched_at, 19)", "%Y-%m-%dT%H:%M:%S") }} as searched_at,
            type as search_type,
            {{ as_number("longitude") }} as longitude,
            {{ as_number("latitude") }} as latitude,
            gender,
            age_range,
            officer_defined_ethnicity,
            legislation,
            object_of_search,
            outcome,
            {{ as_flag("outcome_linked_to_object") }} as is_outcome_linked_to_object,
            (longitude is not null and {{ as_number("longitude") }} is null)
            or (
                latitude is not null and {{ as_number("latitude") }} is null
            ) as has_unreadable_coordinate,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    force_slug,
    searched_at,
    search_type,
    longitude,
    latitude,
    gender,
    age_range,
    officer_defined_ethnicity,
    legislation,
    object_of_search,
    outcome,
    is_outcome_linked_to_object,
    received_at,
    case
        when searched_at is null
        then 'date_unreadable'
        when date_trunc('month', searched_at) <> period_month
        then 'search_not_in_the_deliverys_month'
        when has_unreadable_coordinate
        then 'coordinate_not_a_number'
    end as reject_reason
from typed
