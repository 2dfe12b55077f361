-- One row per measure, month and place: what the public street-level files count.
select
    measures.measure_id,
    placed.period_month,
    coalesce(placed.lsoa_2021_code, upper(placed.placement)) as unit_code,
    cast(count(*) as double) as event_count,
    cast(null as double) as base_count,
    0 as unknown_rows,
    0 as left_out_rows,
    list(
        struct_pack(
            event_count := cast(1 as double),
            base_count := cast(null as double),
            said
            := {{
                row_profile(
                    {"offence_group": "placed.crime_type", "outcome": "placed.last_outcome"}
                )
            }}
        )
    ) as counted_rows
from {{ ref("int_street_crime_placed") }} as placed
inner join {{ ref("street_crime_measures") }} as measures on measures.crime_type = placed.crime_type
where placed.placement <> 'other_force'
group by 1, 2, 3
