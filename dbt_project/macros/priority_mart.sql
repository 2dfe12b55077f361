{#- A priority mart: the rows of fct_measure whose measures the register gives to the priority.
    All ten have the same columns, in the same order. -#}
{% macro priority_mart(priority_id) -%}
    select fact.*
    from {{ ref("fct_measure") }} as fact
    inner join
        {{ ref("measure_priorities") }} as priority
        on priority.measure_id = fact.measure_id
        and priority.priority_id = '{{ priority_id }}'
    order by
        priority.sort_order,
        fact.measure_id,
        fact.area_type,
        fact.area_code,
        fact.period_type,
        fact.period_start
{%- endmacro %}
