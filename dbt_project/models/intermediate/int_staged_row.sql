-- One row per row of a staging model: its delivery, its line and, if it was rejected, why.
-- Every staging model stands here once; an architecture test holds the list to the staging folder.
{% set staging_models = [
    "stg_police__street_crime",
    "stg_reference__lsoa_2011_to_2021",
    "stg_reference__lsoa_boundaries",
    "stg_reference__lsoa_to_ward",
    "stg_reference__population",
    "stg_reference__ward_boundaries",
] %}

{% for model in staging_models %}
    select
        '{{ model.replace("stg_", "").replace("__", "/") }}' as feed,
        delivery_id,
        line_number,
        -- A staging model may unpivot a line into several rows; a line is rejected once.
        max(reject_reason) as reject_reason
    from {{ ref(model) }}
    group by delivery_id, line_number
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
