-- One row per row of a current delivery: an offence or an anti-social behaviour incident.
with
    delivered as ({{ current_rows("police", "street_crime") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ month_start("_period") }} as period_month,
            {{ month_start("month") }} as row_month,
            _part as force_slug,
            {{ compact_key("crime_id") }} as crime_key,
            crime_type,
            lsoa_code,
            try_cast(longitude as double) as longitude,
            try_cast(latitude as double) as latitude,
            last_outcome,
            (longitude is not null and try_cast(longitude as double) is null)
            or (
                latitude is not null and try_cast(latitude as double) is null
            ) as has_unreadable_coordinate,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    force_slug,
    crime_key,
    crime_type,
    lsoa_code,
    longitude,
    latitude,
    last_outcome,
    received_at,
    case
        when row_month is null
        then 'month_unreadable'
        when row_month <> period_month
        then 'month_is_not_the_deliverys'
        when crime_type is null
        then 'crime_type_missing'
        when has_unreadable_coordinate
        then 'coordinate_not_a_number'
    end as reject_reason
from typed
