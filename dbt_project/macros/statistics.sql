{#- Statistics of the field. Every macro names its source and has a unit test with known figures. -#}
{#- The 97.5 % point of the normal distribution: two-sided 95 %. -#}
{% macro z_95() -%} 1.959963985 {%- endmacro %}

{#- The 99.9 % point of the normal distribution: two-sided 99.8 %, the outer limits of a funnel. -#}
{% macro z_998() -%} 3.090232306 {%- endmacro %}

{#- Lower limit of a Poisson count by Byar's method; 95 % unless another normal point is given.
    Source: Breslow NE, Day NE. Statistical Methods in Cancer Research, vol. II (IARC, 1987), p. 69;
    the method of the Office for Health Improvement and Disparities for counts and rates. -#}
{% macro byar_lower(n, z=none) -%}
    case
        when {{ n }} is null
        then null
        when {{ n }} = 0
        then 0.0
        else
            {{ n }}
            * pow(greatest(1 - 1.0 / (9 * {{ n }}) - {{ z or z_95() }} / (3 * sqrt({{ n }})), 0), 3)
    end
{%- endmacro %}

{#- Upper limit of a Poisson count by Byar's method (see `byar_lower`). -#}
{% macro byar_upper(n, z=none) -%}
    ({{ n }} + 1)
    * pow(1 - 1.0 / (9 * ({{ n }} + 1)) + {{ z or z_95() }} / (3 * sqrt({{ n }} + 1)), 3)
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

{#- Lower 95 % limit of a proportion by Wilson's method, as a share of 1; null where the number or its
    base is not known, or the base is zero.
    Source: Wilson EB. J Am Stat Assoc 22 (1927) 209–212, score limits without continuity correction. -#}
{% macro wilson_lower(x, n) -%}
    case
        -- greatest() passes over nulls, so an unknown share would have limits.
        when {{ x }} is not null and {{ n }} > 0
        then
            greatest(
                (
                    2 * {{ x }}
                    + pow({{ z_95() }}, 2)
                    - {{ z_95() }}
                    * sqrt(pow({{ z_95() }}, 2) + 4 * {{ x }} * (1 - {{ x }} / {{ n }}))
                )
                / (2 * ({{ n }} + pow({{ z_95() }}, 2))),
                0
            )
    end
{%- endmacro %}

{#- Upper 95 % limit of a proportion by Wilson's method (see `wilson_lower`). -#}
{% macro wilson_upper(x, n) -%}
    case
        when {{ x }} is not null and {{ n }} > 0
        then
            least(
                (
                    2 * {{ x }}
                    + pow({{ z_95() }}, 2)
                    + {{ z_95() }}
                    * sqrt(pow({{ z_95() }}, 2) + 4 * {{ x }} * (1 - {{ x }} / {{ n }}))
                )
                / (2 * ({{ n }} + pow({{ z_95() }}, 2))),
                1
            )
    end
{%- endmacro %}

{#- Whether two proportions differ by more than chance: the pooled two-proportion z test, two-sided
    at 5 %. Null where either base is smaller than the minimum.
    Source: Altman DG. Practical Statistics for Medical Research (1991), 10.3. -#}
{% macro proportion_change_is_significant(x1, n1, x2, n2) -%}
    case
        when {{ n1 }} is null or {{ n2 }} is null
        then null
        when {{ n1 }} < {{ var("minimum_base") }} or {{ n2 }} < {{ var("minimum_base") }}
        then null
        when {{ x1 }} + {{ x2 }} in (0, {{ n1 }} + {{ n2 }})
        then false
        else
            abs({{ x1 }} / {{ n1 }} - {{ x2 }} / {{ n2 }}) / sqrt(
                (({{ x1 }} + {{ x2 }}) / ({{ n1 }} + {{ n2 }}))
                * (1 - ({{ x1 }} + {{ x2 }}) / ({{ n1 }} + {{ n2 }}))
                * (1.0 / {{ n1 }} + 1.0 / {{ n2 }})
            )
            > {{ z_95() }}
    end
{%- endmacro %}
