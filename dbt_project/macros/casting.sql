{#- Casting what partners write. A value that cannot be read is null; staging says why it rejects. -#}
{% macro as_date(column, format="%Y-%m-%d") -%}
    cast(try_strptime({{ column }}, '{{ format }}') as date)
{%- endmacro %}

{% macro as_timestamp(column, format="%Y-%m-%d %H:%M:%S") -%}
    try_strptime({{ column }}, '{{ format }}')
{%- endmacro %}

{#- A number; null for a marker such as `*`. `thousands` only where the contract declares it.
    What nobody can have counted is none either: its sum would not fit a count, and hold the candidate
    of everybody. -#}
{% macro as_number(column, thousands=false) -%}
    {%- set text = "replace(" ~ column ~ ", ',', '')" if thousands else column -%}
    case
        when try_cast({{ text }} as double) between -1e12 and 1e12
        then try_cast({{ text }} as double)
    end
{%- endmacro %}

{#- What a marker in place of a number means, as the contract says; null for a number. -#}
{% macro marker(column, meanings) -%}
    case
        {{ column }}
        {%- for sign, meaning in meanings.items() %}
            when '{{ sign }}' then '{{ meaning }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- Y/N, Yes/No, 1/0, TRUE/FALSE as a boolean; anything else is null. -#}
{% macro as_flag(column) -%}
    case
        when upper({{ column }}) in ('Y', 'YES', '1', 'TRUE', 'T')
        then true
        when upper({{ column }}) in ('N', 'NO', '0', 'FALSE', 'F')
        then false
    end
{%- endmacro %}

{#- Whether one of several values, parted by `;`, is `value`. -#}
{% macro has_value(column, value) -%}
    coalesce(list_contains(string_split(replace({{ column }}, ' ', ''), ';'), '{{ value }}'), false)
{%- endmacro %}

{#- First month of the delivery that a raw row came in, whatever kind of period that is. -#}
{% macro period_month() -%} {{ month_start("_first_month") }} {%- endmacro %}

{#- The number of a Home Office offence code: 88 of 88A, 4 of 4.10. -#}
{% macro code_number(code) -%} regexp_extract({{ code }}, '^[0-9]+') {%- endmacro %}

{#- The value that all rows of a group have in common; null where they differ. -#}
{% macro in_common(column) -%}
    case when count(distinct {{ column }}) = 1 then min({{ column }}) end
{%- endmacro %}
