-- One row per LSOA 2021 with its boundary as GeoJSON text, in the current deliveries.
with delivered as ({{ current_rows("reference", "lsoa_boundaries") }})

select
    _delivery as delivery_id,
    _row as line_number,
    lsoa_2021_code,
    geometry as boundary_geojson,
    cast(null as varchar) as reject_reason
from delivered
