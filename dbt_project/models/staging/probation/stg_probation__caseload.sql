-- One row per row of a current delivery: people supervised, or people with a requirement.
with
    delivered as ({{ current_rows("probation", "caseload") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            measure,
            offence_group,
            requirement,
            case
                when {{ marker("people", {"-": "zero"}) }} = 'zero'
                then 0
                else {{ as_number("people") }}
            end as people,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    measure,
    offence_group,
    requirement,
    people,
    received_at,
    case
        when people is null
        then 'people_not_a_number'
        when coalesce(measure, '') not in ('supervised', 'requirement')
        then 'measure_unknown'
        when (measure = 'supervised') is distinct from (offence_group is not null)
        then 'offence_group_where_none_belongs'
        when (measure = 'requirement') is distinct from (requirement is not null)
        then 'requirement_where_none_belongs'
    end as reject_reason
from typed
