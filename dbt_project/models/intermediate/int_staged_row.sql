-- One row per row of a staging model: its delivery, its line and, if it was rejected, why.
-- Every staging model stands here (macros/derived.sql, by csp contract sync).
{% for partner, feed in all_feeds() %}
    select
        '{{ partner }}/{{ feed }}' as feed,
        delivery_id,
        line_number,
        -- A staging model may unpivot a line into several rows; a line is rejected once.
        max(reject_reason) as reject_reason
    from
        {{ ref("stg_" ~ partner ~ "__" ~ feed) }}
        {{ where_made("where", "delivery_id", partner ~ "/" ~ feed) }}
    group by delivery_id, line_number
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
{{ kept_rows(all_feeds() | map("join", "/") | list, "feed") }}
