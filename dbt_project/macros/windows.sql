{#- The windows that findings about small areas are made for: every year of its kind, and the latest
    quarter and twelve months. Of the whole area there are findings for every window. #}
{% macro is_window_of_places(fact) -%}
    (
        {{ fact }}.period_type in ('strategy_year', 'calendar_year', 'year_to_date')
        or ({{ fact }}.period_type in ('quarter', 'rolling_12m') and {{ fact }}.is_latest)
    )
{%- endmacro %}

{#- Whether a period is the newest of those in the partition whose figure is known. What `is_latest`
    means is described once, in docs/shared.md; fct_measure alone joins to the newest periods, since a window
    would sort all of its rows.

    period_start  column of the first day
    within        columns of the partition: the period's kind, and the measure where each has its own; none
                  where all rows are of one kind
    known         condition of a known figure; none where the rows are known periods only -#}
{% macro is_latest(period_start, within, known=none) -%}
    coalesce(
        {{ period_start }} = max({{ period_start }})
        {%- if known %} filter (where {{ known }}) {%- endif %} over (
            {% if within %}partition by {{ within | join(", ") }} {% endif %}
        ),
        false
    )
{%- endmacro %}

{#- The strategy year (April to March) that a day lies in, such as 2024-25. -#}
{% macro strategy_year_of(day) -%}
    (
        year({{ day }} - interval 3 month)
        || '-'
        || lpad(cast((year({{ day }} - interval 3 month) + 1) % 100 as varchar), 2, '0')
    )
{%- endmacro %}
