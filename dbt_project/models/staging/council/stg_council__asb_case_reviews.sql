-- One row per row of a current delivery: the four published figures of a financial year.
with
    delivered as ({{ current_rows("council", "asb_case_reviews") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            _period as delivery_period,
            year_label,
            {{ as_number("applications") }} as applications,
            {{ as_number("threshold_not_met") }} as threshold_not_met,
            {{ as_number("reviews_carried_out") }} as reviews_carried_out,
            {{ as_number("reviews_with_recommendations") }} as reviews_with_recommendations,
            notes,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    year_label,
    applications,
    threshold_not_met,
    reviews_carried_out,
    reviews_with_recommendations,
    notes,
    received_at,
    case
        when year_label is null
        then 'year_missing'
        when year_label <> delivery_period
        then 'year_is_not_the_deliverys'
        when
            applications is null
            or threshold_not_met is null
            or reviews_carried_out is null
            or reviews_with_recommendations is null
        then 'figure_not_a_number'
    end as reject_reason
from typed
