-- One row per row of a current delivery: the county lines activity of a quarter.
with
    delivered as ({{ current_rows("police", "county_lines_activity") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            _period as delivered_quarter,
            quarter,
            {{ as_number("lines_active") }} as lines_active,
            {{ as_number("lines_closed") }} as lines_closed,
            {{ as_number("arrests") }} as arrests,
            {{ as_number("people_safeguarded") }} as people_safeguarded,
            {{ as_number("cuckooed_addresses_visited") }} as cuckooed_addresses_visited,
            {{ as_number("months_in_scope") }} as months_in_scope,
            collection_owner,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    quarter,
    lines_active,
    lines_closed,
    arrests,
    people_safeguarded,
    cuckooed_addresses_visited,
    months_in_scope,
    collection_owner,
    received_at,
    case
        when quarter is distinct from delivered_quarter
        then 'quarter_is_not_the_deliverys'
        when
            lines_active is null
            or lines_closed is null
            or arrests is null
            or people_safeguarded is null
            or cuckooed_addresses_visited is null
        then 'count_not_a_number'
        when months_in_scope is null
        then 'months_in_scope_unreadable'
        -- Part of a quarter reads as a fall: it does not compare with whole ones.
        when months_in_scope < 3
        then 'quarter_not_whole'
    end as reject_reason
from typed
