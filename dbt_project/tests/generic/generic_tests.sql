{#- The few generic tests that this project needs beyond dbt's own four. -#}
{#- No two rows agree on all of `columns`. -#}
{% test unique_together(model, columns) %}
    select {{ columns | join(", ") }}, count(*) as rows_found
    from {{ model }}
    group by {{ columns | join(", ") }}
    having count(*) > 1
{% endtest %}

{#- `expression` holds in every row; a row where it is null does not pass. -#}
{% test holds(model, expression) %}
    select * from {{ model }} where not coalesce({{ expression }}, false)
{% endtest %}

{#- The table has at least `rows` rows: a check over an empty table passes everything. -#}
{% test at_least(model, rows) %}
    select count(*) as rows_found from {{ model }} having count(*) < {{ rows }}
{% endtest %}

{#- At least so many different measures: a mart must not run dry of what it is for. -#}
{% test at_least_measures(model, measures) %}
    select count(distinct measure_id) as measures_found
    from {{ model }}
    having count(distinct measure_id) < {{ measures }}
{% endtest %}
