-- One row per measure, month and place: what the fire and rescue service's incidents count.
{{
    count_measures(
        ref("stg_fire__incidents"),
        [
            {
                "id": "fire_deliberate_secondary",
                "where": "incident_type = 'deliberate_secondary_fire'",
            },
            {
                "id": "fire_deliberate_primary",
                "where": "incident_type = 'deliberate_primary_fire_not_vehicle'",
            },
            {
                "id": "fire_deliberate_vehicle",
                "where": "incident_type = 'deliberate_primary_fire_vehicle'",
            },
            {
                "id": "fire_malicious_false_alarms",
                "where": "incident_type = 'malicious_false_alarm'",
            },
            {
                "id": "fire_violence_against_staff",
                "where": "incident_type = 'violence_against_staff'",
            },
            {
                "id": "accidental_dwelling_fires",
                "where": "incident_type = 'accidental_dwelling_fire'",
            },
            {
                "id": "dwelling_fires_no_smoke_alarm",
                "where": "incident_type = 'dwelling_fire_no_smoke_alarm'",
            },
        ],
        place="lsoa_code",
        feed="fire/incidents",
        profile=dict(
            moment_profile("called_at"),
            location_type="property_type",
            motive="nullif(motive, 'Not known')",
        ),
    )
}}
