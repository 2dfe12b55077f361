-- One row per row of a current delivery: a detention under section 136.
with
    delivered as ({{ current_rows("police", "section_136") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            detention_ref,
            {{ as_timestamp("detained_at", "%d/%m/%Y %H:%M") }} as detained_at,
            place_of_safety,
            age_band,
            ethnicity_group,
            {{ as_number("hours_to_assessment") }} as hours_to_assessment,
            {{ marker("hours_to_assessment", {"NA": "not_available"}) }}
            as assessment_missing_reason,
            conveyance,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    detention_ref,
    detained_at,
    place_of_safety,
    age_band,
    ethnicity_group,
    hours_to_assessment,
    assessment_missing_reason,
    conveyance,
    received_at,
    case
        when detained_at is null
        then 'detained_at_unreadable'
        when date_trunc('quarter', detained_at) <> period_month
        then 'detention_not_in_the_deliverys_quarter'
        when place_of_safety is null
        then 'place_of_safety_missing'
    end as reject_reason
from typed
