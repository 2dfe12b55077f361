{#- Everything about reading files that another engine would do otherwise. -#}
{#- Rows of a feed's current deliveries: what the manifest says counts, and nothing else; without those
    that the model keeps. -#}
{% macro current_rows(partner, feed) -%}
    select
        delivery_rows.*,
        delivery.received_at as _received_at,
        delivery.first_month as _first_month,
        delivery.is_synthetic as _is_synthetic
    from {{ source(partner, feed) }} as delivery_rows
    inner join
        {{ source("manifest", "deliveries") }} as delivery
        on delivery.feed = '{{ partner }}/{{ feed }}'
        and delivery.delivery_id = delivery_rows._delivery
        and delivery.is_current
        {{ where_made("and", "delivery.delivery_id", partner ~ "/" ~ feed) }}
{%- endmacro %}

{#- A 64-character hexadecimal identifier as a 128-bit key: the first half of a hash is plenty, and
    the text is what makes wide tables slow. Null for anything else, whose row the contract rejects. -#}
{% macro compact_key(column) -%} try_cast(left({{ column }}, 32) as uuid) {%- endmacro %}

{#- 'YYYY-MM' as the first day of the month; null when it is not a month. -#}
{% macro month_start(column) -%}
    cast(try_strptime({{ column }} || '-01', '%Y-%m-%d') as date)
{%- endmacro %}
