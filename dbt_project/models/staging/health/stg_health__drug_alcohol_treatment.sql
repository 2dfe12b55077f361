-- One row per row of a current delivery: a substance group of the area, or of one service.
-- A number is null where the source withheld it; what cannot be read is rejected.
{%- set numbers = [
    "in_treatment",
    "new_presentations",
    "successful_completions",
    "prison_referred",
    "prison_engaged",
] %}
with
    delivered as ({{ current_rows("health", "drug_alcohol_treatment") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            level,
            service_name,
            substance_group,
            {%- for number in numbers %} {{ as_number(number) }} as {{ number }}, {%- endfor %}
            {%- for number in numbers %}
                (
                    {{ as_number(number) }} is null
                    and {{ marker(number, {"*": "suppressed"}) }} is null
                )
                {%- if not loop.last %} or {% endif -%}
            {%- endfor %} as has_unreadable_number,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    level,
    service_name,
    substance_group,
    {%- for number in numbers %} {{ number }}, {%- endfor %}
    received_at,
    case
        when has_unreadable_number
        then 'number_unreadable'
        when coalesce(level, '') not in ('area', 'service')
        then 'level_unknown'
        when substance_group is null
        then 'substance_group_missing'
    end as reject_reason
from typed
