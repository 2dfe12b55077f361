-- One row per ward with its boundary as GeoJSON text, in the current deliveries.
{{ stage("reference", "ward_boundaries") }}
