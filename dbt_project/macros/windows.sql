{#- The windows that findings about small areas are made for: every year of its kind, and the latest
    quarter and twelve months. Of the whole area there are findings for every window. #}
{% macro is_window_of_places(fact) -%}
    (
        {{ fact }}.period_type in ('strategy_year', 'calendar_year', 'year_to_date')
        or ({{ fact }}.period_type in ('quarter', 'rolling_12m') and {{ fact }}.is_latest)
    )
{%- endmacro %}
