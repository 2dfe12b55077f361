-- One row per row of a current delivery: the harm weight of an offence code, in one scheme.
with
    delivered as ({{ current_rows("reference", "harm_weights") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            _period as edition,
            ho_code,
            {{ as_number("weight") }} as weight,
            scheme,
            source,
            licence,
            {{ as_date("as_at") }} as as_at,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    edition,
    ho_code,
    weight,
    scheme,
    source,
    licence,
    as_at,
    received_at,
    case
        when ho_code is null
        then 'offence_code_missing'
        when weight is null
        then 'weight_not_a_number'
        when weight <= 0
        then 'weight_not_above_nought'
        when as_at is null
        then 'as_at_unreadable'
    end as reject_reason
from typed
