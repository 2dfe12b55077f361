-- One row per ward with its boundary as GeoJSON text, in the current deliveries.
with delivered as ({{ current_rows("reference", "ward_boundaries") }})

select
    _delivery as delivery_id,
    _row as line_number,
    ward_code,
    ward_name,
    geometry as boundary_geojson,
    cast(null as varchar) as reject_reason
from delivered
