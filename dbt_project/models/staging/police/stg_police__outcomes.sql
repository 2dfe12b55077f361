-- One row per row of a current delivery: an outcome given to a crime.
with
    delivered as ({{ current_rows("police", "outcomes") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            {{ month_start("month") }} as row_month,
            _part as force_slug,
            {{ compact_key("crime_id") }} as crime_key,
            lsoa_code,
            outcome_type,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    force_slug,
    crime_key,
    lsoa_code,
    outcome_type,
    received_at,
    case
        when row_month is null
        then 'month_unreadable'
        when row_month <> period_month
        then 'month_is_not_the_deliverys'
        when outcome_type is null
        then 'outcome_type_missing'
    end as reject_reason
from typed
