{#- How many changes of recording a measure has had by the first day of a period: periods of another
    number are not on one level. -#}
{% macro phase_of(measure_id, period_start) -%}
    (
        select count(*)
        from {{ ref("int_level_change") }} as changes
        where changes.measure_id = {{ measure_id }} and changes.break_on <= {{ period_start }}
    )
{%- endmacro %}

{#- Whether a registered event of the measure lies in the month, or began in the month before. -#}
{% macro is_event_month(measure_id, month_start) -%}
    exists (
        select 1
        from {{ ref("int_event") }} as events
        where
            events.measure_id = {{ measure_id }}
            and {{ month_start }} in (
                date_trunc('month', events.begins_on),
                date_trunc('month', events.begins_on) + interval 1 month
            )
    )
{%- endmacro %}
