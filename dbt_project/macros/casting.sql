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

{#- Hour of the day, '00' to '23'; null at exactly midnight, which is what systems write where nobody
    knew the time (police/recorded_crime says so of itself), and where `known` is false. -#}
{% macro hour_of(moment, known="true") -%}
    case
        when {{ known }} and cast({{ moment }} as time) <> time '00:00:00'
        then lpad(cast(hour({{ moment }}) as varchar), 2, '0')
    end
{%- endmacro %}

{#- Four hours of the day, '00:00 to 03:59' to '20:00 to 23:59'; null where the hour is. -#}
{% macro hour_band_of(moment, known="true") -%}
    {%- set first -%} (hour({{ moment }}) - hour({{ moment }}) % 4) {%- endset -%}
    case
        when {{ known }} and cast({{ moment }} as time) <> time '00:00:00'
        then printf('%02d:00 to %02d:59', {{ first }}, {{ first }} + 3)
    end
{%- endmacro %}

{#- Day of the week, '1 Monday' to '7 Sunday', so that it sorts. -#}
{% macro weekday_of(moment) -%}
    (cast(isodow({{ moment }}) as varchar) || ' ' || dayname({{ moment }}))
{%- endmacro %}

{#- A moment written with its offset from UTC, as UK local time: an hour later in British Summer Time.
    Null where it has no offset. -#}
{% macro as_local_time(column) -%}
    cast(
        try_strptime({{ column }}, '%Y-%m-%dT%H:%M:%S%z') at time zone 'Europe/London' as timestamp
    )
{%- endmacro %}

{#- A yes, a no, or null as text. -#}
{% macro yes_or_no(condition) -%}
    case ({{ condition }}) when true then 'yes' when false then 'no' end
{%- endmacro %}

{#- The group of the Census 2021 that a self-defined ethnicity as police forces write it belongs to
    ("White - English/Welsh/Scottish/Northern Irish/British"); null where it was not stated. -#}
{% macro ethnic_group_of(column) -%}
    case
        when {{ column }} ilike '%not stated%'
        then null
        when {{ column }} ilike 'white%'
        then 'White'
        when {{ column }} ilike 'asian%'
        then 'Asian'
        when {{ column }} ilike 'black%'
        then 'Black'
        when {{ column }} ilike 'mixed%'
        then 'Mixed'
        when {{ column }} ilike 'other%'
        then 'Other'
    end
{%- endmacro %}
