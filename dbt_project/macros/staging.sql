{#- Staging as the contracts say it: names, casts and rejects come from `staged_columns` and
    `staged_rejects`, which `csp contract sync` writes; a model adds what is particular to its feed. -#}
{#- A feed's staging model: one row per row of its current deliveries, good or rejected.

    read: expressions over the text as delivered, by name: a column of the contract that is read in a
        way of its own, or what only `derived` and `rejects` look at
    derived: columns made of the staged ones, by name
    rejects: conditions that need more than the delivery itself, on the staged columns, by the reason;
        the first that holds is given, after those of the contract
    relation: the model's own step over `typed_rows`, where it needs joins or steps of its own; of one
        delivery it must make the same rows whatever others there are (meta `by_delivery`) -#}
{% macro stage(partner, feed, read={}, derived={}, rejects={}, relation=none) -%}
    {#- Said here, beside `kept_rows`: a model that is not made by this macro keeps nothing. -#}
    {{- config(meta={"by_delivery": true}) -}}
    {%- set columns = staged_columns(partner ~ "/" ~ feed) -%}
    {%- set rejecting = staged_rejects(partner ~ "/" ~ feed) | length > 0 -%}
    {%- if relation is none %} with typed as ({{ typed_rows(partner, feed, read) }}) {% endif %}
    select
        {%- for column in columns if column.name != "received_at" %}
            {{ column.name }},
        {%- endfor %}
        {%- for name, expression in derived.items() %}
            {{ expression }}{% if expression != name %} as {{ name }}{% endif %},
        {%- endfor %}
        {%- if columns[-1].name == "received_at" %} received_at, {%- endif %}
        {%- if rejecting or rejects %}
            case
                {%- if rejecting %}
                    when contract_reject is not null then contract_reject
                {%- endif %}
                {%- for reason, condition in rejects.items() %}
                    when {{ condition }} then '{{ reason }}'
                {%- endfor %}
            end as reject_reason
        {%- else %} cast(null as varchar) as reject_reason
        {%- endif %}
    from {{ relation or "typed" }} {{ kept_rows([partner ~ "/" ~ feed]) }}
{%- endmacro %}

{#- The rows of a feed's current deliveries under their staged names, cast, with `contract_reject`
    where the contract has rules that reject rows. -#}
{% macro typed_rows(partner, feed, read={}) -%}
    {%- set columns = staged_columns(partner ~ "/" ~ feed) -%}
    {%- set names = columns | map(attribute="name") | list -%}
    {%- set made = [] -%}
    {%- for column in columns -%}
        {%- set expression = read[column.name] if column.name in read else typed_column(column) -%}
        {%- do made.append(expression ~ " as " ~ column.name) -%}
    {%- endfor -%}
    {%- for name, expression in read.items() if name not in names -%}
        {%- do made.append(expression ~ " as " ~ name) -%}
    {%- endfor -%}
    {%- if staged_rejects(partner ~ "/" ~ feed) -%}
        {%- do made.append("contract_reject") -%}
    {%- endif -%}
    select {{ made | join(",\n        ") }}
    from ({{ judged_rows(partner, feed) }}) as delivered
{%- endmacro %}

{#- The rows of a feed's current deliveries as delivered. `contract_reject` is the reason of the first
    of the contract's rules that rejects the row, by the very condition that gate 1 counted by; there
    is no such column where no rule rejects rows. -#}
{% macro judged_rows(partner, feed) -%}
    {%- set rejects = staged_rejects(partner ~ "/" ~ feed) -%}
    {%- if rejects -%}
        select
            *,
            case
                {%- for reject in rejects %}
                    when {{ reject.when }} then '{{ reject.reason }}'
                {%- endfor %}
            end as contract_reject
        from ({{ current_rows(partner, feed) }}) as current_row
    {%- else -%} {{ current_rows(partner, feed) }}
    {%- endif -%}
{%- endmacro %}

{#- One column as the contract says it is read; null where it cannot be. -#}
{% macro typed_column(column) -%}
    {%- if column.name == "period_month" -%} {{ period_month() }}
    {%- elif column.name == "received_at" -%} _received_at
    {%- else -%}
        {%- set raw = adapter.quote(column.raw) -%}
        {%- if column.as == "number" -%} {{ staged_number(raw, column) }}
        {%- elif column.as == "integer" -%} try_cast({{ staged_number(raw, column) }} as integer)
        {%- elif column.as == "reason" -%} {{ marker(raw, column.markers) }}
        {%- elif column.as == "flag" -%} {{ as_flag(raw) }}
        {%- elif column.as == "key" -%} {{ compact_key(raw) }}
        {%- elif column.as == "date" -%} {{ as_date(raw, column.format) }}
        {%- elif column.as == "time" -%} cast({{ as_timestamp(raw, column.format) }} as time)
        {%- elif column.as == "timestamp" -%} {{ as_timestamp(raw, column.format) }}
        {%- else -%} {{ raw }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- A number, with 0 for the markers that mean it. -#}
{% macro staged_number(raw, column) -%}
    {%- set number = as_number(raw, thousands=column.get("thousands", false)) -%}
    {%- set zeros = [] -%}
    {%- for sign, meaning in column.get("markers", {}).items() if meaning == "zero" -%}
        {%- do zeros.append("'" ~ sign ~ "'") -%}
    {%- endfor -%}
    {%- if zeros -%} case when {{ raw }} in ({{ zeros | join(", ") }}) then 0 else {{ number }} end
    {%- else -%} {{ number }}
    {%- endif -%}
{%- endmacro %}
