-- One row per row of a current delivery: an episode of a person reported missing.
with
    delivered as ({{ current_rows("police", "missing_episodes") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            episode_ref,
            person_key,
            age_band,
            {{ as_timestamp("reported_at", "%Y-%m-%d %H:%M") }} as reported_at,
            {{ as_flag("returned") }} as has_returned,
            {{ as_number("interview_hours") }} as interview_hours,
            {{ marker("interview_hours", {"NA": "not_available"}) }} as interview_missing_reason,
            ward_code,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    episode_ref,
    person_key,
    age_band,
    reported_at,
    has_returned,
    interview_hours,
    interview_missing_reason,
    ward_code,
    received_at,
    case
        when reported_at is null
        then 'reported_at_unreadable'
        when date_trunc('month', reported_at) <> period_month
        then 'episode_not_in_the_deliverys_month'
        when age_band is null
        then 'age_band_missing'
        when person_key is null
        then 'person_key_missing'
    end as reject_reason
from typed
