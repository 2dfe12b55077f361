{#- Rows that are not made again. A model with the meta `by_delivery` makes the rows of each delivery from
    that delivery alone, so those of a delivery that is as it was are taken from the table as the last build
    left it (orchestration/transform/unchanged.py). `by_delivery` says where its rows are from: true, from its
    feed; or the models that it takes them from (`staging`: all of that layer). Whatever else it reads is a
    lookup, and if that changes every row is made. By hand nothing is kept. -#}
{#- The deliveries of a feed whose rows the model that is built keeps. -#}
{% macro kept_deliveries(feed) -%}
    {%- set kept = var("kept_rows", {"models": [], "deliveries": {}}) -%}
    {{ return(kept.deliveries.get(feed, []) if model.unique_id in kept.models else []) }}
{%- endmacro %}

{#- The condition, if there is one, that leaves out the rows of deliveries that are kept.
    keyword: `where` or `and`, before it -#}
{% macro where_made(keyword, delivery, feed) -%}
    {%- set kept = kept_deliveries(feed) -%}
    {%- if kept -%} {{ keyword }} {{ delivery }} not in ('{{ kept | join("', '") }}') {%- endif -%}
{%- endmacro %}

{#- The rows that are not made, to be added to those that are. `feed_column`: where the model holds more
    than one feed. -#}
{% macro kept_rows(feeds, feed_column=none) -%}
    {%- set conditions = [] -%}
    {%- for feed in feeds if kept_deliveries(feed) -%}
        {%- set kept = "delivery_id in ('" ~ kept_deliveries(feed) | join("', '") ~ "')" -%}
        {%- set of_feed = feed_column ~ " = '" ~ feed ~ "' and " if feed_column else "" -%}
        {%- do conditions.append("(" ~ of_feed ~ kept ~ ")") -%}
    {%- endfor -%}
    {%- if conditions %}
        union all by name
        select *
        from {{ this }}
        where {{ conditions | join(" or ") }}
    {%- endif -%}
{%- endmacro %}
