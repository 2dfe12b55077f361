{#- Statistics of the field. Every macro names its source and has a unit test with known figures. -#}
{#- The 97.5 % point of the normal distribution: two-sided 95 %. -#}
{% macro z_95() -%} 1.959963985 {%- endmacro %}

{#- Lower 95 % limit of a Poisson count by Byar's method.
    Source: Breslow NE, Day NE. Statistical Methods in Cancer Research, vol. II (IARC, 1987), p. 69;
    the method of the Office for Health Improvement and Disparities for counts and rates. -#}
{% macro byar_lower(n) -%}
    case
        when {{ n }} is null
        then null
        when {{ n }} = 0
        then 0.0
        else {{ n }} * pow(1 - 1.0 / (9 * {{ n }}) - {{ z_95() }} / (3 * sqrt({{ n }})), 3)
    end
{%- endmacro %}

{#- Upper 95 % limit of a Poisson count by Byar's method (see `byar_lower`). -#}
{% macro byar_upper(n) -%}
    ({{ n }} + 1) * pow(1 - 1.0 / (9 * ({{ n }} + 1)) + {{ z_95() }} / (3 * sqrt({{ n }} + 1)), 3)
{%- endmacro %}

{#- Whether two counts of equally long periods differ by more than chance: z = (a - b) / √(a + b),
    two-sided at 5 %. Null where a count is missing or the base (a + b) is too small to judge.
    Source: Przyborowski J, Wilenski H. Biometrika 31 (1940), normal approximation. -#}
{% macro change_is_significant(now, before) -%}
    case
        when {{ now }} is null or {{ before }} is null
        then null
        when {{ now }} + {{ before }} < {{ var("minimum_base") }}
        then null
        else abs({{ now }} - {{ before }}) / sqrt({{ now }} + {{ before }}) > {{ z_95() }}
    end
{%- endmacro %}
