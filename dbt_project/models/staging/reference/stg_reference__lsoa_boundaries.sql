-- One row per LSOA 2021 with its boundary as GeoJSON text, in the current deliveries.
{{ stage("reference", "lsoa_boundaries") }}
