-- One row per feed of prescribed information and month: rows in which a field that is owed is
-- blank.
with
    blank_fields as (
        {% for partner, feed, fields in all_prescribed_feeds() %}
            select
                '{{ partner }}/{{ feed }}' as feed,
                {{ month_start("_first_month") }} as period_month,
                {% for field in fields %}
                    {{ field }} is null {% if not loop.last %} or {% endif %}
                {% endfor %} as has_blank
            from ({{ current_rows(partner, feed) }}) as delivered
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    feed, period_month, count(*) as row_count, count(*) filter (where has_blank) as rows_with_blank
from blank_fields
group by feed, period_month
