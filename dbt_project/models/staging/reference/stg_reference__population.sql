-- One row per LSOA 2021 and year: usual residents at 30 June, in the current deliveries.
with
    delivered as ({{ current_rows("reference", "population") }}),

    by_year as (
        {% for year in range(2011, 2023) %}
            select
                _delivery as delivery_id,
                _row as line_number,
                lsoa_2021_code,
                {{ year }} as mid_year,
                population_{{ year }} as population_text
            from delivered
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    delivery_id,
    line_number,
    lsoa_2021_code,
    mid_year,
    try_cast(population_text as integer) as population,
    cast(null as varchar) as reject_reason
from by_year
