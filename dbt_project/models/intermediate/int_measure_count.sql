-- One row per measure, first month of its delivery period and smallest unit: the only way into
-- fct_measure.
-- Every model of the measures folder stands here (macros/derived.sql, by csp contract sync).
{% for model in all_measure_models() %}
    select measure_id, period_month, unit_code, event_count, base_count, unknown_rows, left_out_rows
    from {{ ref(model) }}
    where event_count > 0 or base_count > 0 or unknown_rows > 0 or left_out_rows > 0
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
