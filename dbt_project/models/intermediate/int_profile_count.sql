-- One row per measure, area (ward, city), first month of its delivery period, dimension and value
-- with at
-- least one event. A dimension that profile_dimensions gives to the city alone is not known by
-- ward.
-- The profile of a stock would count people once a month, so there is none.
with
    counted as (
        {% for model in all_measure_models() %}
            select measure_id, period_month, unit_code, unnest(counted_rows) as counted_row
            from {{ ref(model) }}
            where counted_rows is not null
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    -- What a row says is read once, however many areas it counts in.
    said as (
        select
            counted.measure_id,
            counted.period_month,
            counted.unit_code,
            register.lowest_geography in ('lsoa', 'ward') as has_wards,
            counted.counted_row.event_count as event_count,
            counted.counted_row.base_count as base_count,
            from_json(counted.counted_row.said, '"MAP(VARCHAR, VARCHAR)"') as said
        from counted
        inner join
            {{ ref("measure_register") }} as register
            on register.measure_id = counted.measure_id
            and register.method in ('count', 'proportion')
    ),

    apart as (
        select
            said.measure_id,
            said.period_month,
            members.area_type,
            members.area_code,
            unnest(map_keys(said.said)) as dimension,
            unnest(map_values(said.said)) as profile_value,
            said.event_count,
            said.base_count
        from said
        inner join
            {{ ref("int_area_member") }} as members
            on members.unit_code = said.unit_code
            and (members.area_type = 'city' or (members.area_type = 'ward' and said.has_wards))
    )

select
    apart.measure_id,
    apart.area_type,
    apart.area_code,
    apart.period_month,
    apart.dimension,
    apart.profile_value,
    sum(apart.event_count) as event_count,
    sum(apart.base_count) as base_count
from apart
inner join
    {{ ref("profile_dimensions") }} as dimensions
    on dimensions.dimension = apart.dimension
    and (dimensions.lowest_geography = 'ward' or apart.area_type = 'city')
group by 1, 2, 3, 4, 5, 6
having sum(apart.event_count) > 0 or sum(apart.base_count) > 0
