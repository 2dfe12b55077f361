-- One row per measure, month and ward: ambulance calls by category.
{{
    count_measures(
        ref("stg_health__ambulance_calls"),
        [
            {"id": "ambulance_assault_calls", "where": "category = 'assault'"},
            {"id": "ambulance_stab_gunshot_calls", "where": "category = 'stab_gunshot'"},
            {"id": "ambulance_alcohol_calls", "where": "category = 'alcohol'"},
            {"id": "ambulance_overdose_calls", "where": "category = 'overdose'"},
            {"id": "ambulance_mental_health_calls", "where": "category = 'mental_health'"},
        ],
        place="ward_code",
        feed="health/ambulance_calls",
        profile=moment_profile("called_at"),
    )
}}
