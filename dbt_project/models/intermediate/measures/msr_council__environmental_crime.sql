-- One row per measure, month and place: what the reports of environmental crime count.
{{
    count_measures(
        ref("stg_council__environmental_crime"),
        [
            {"id": "environmental_crime_reports"},
            {"id": "fly_tipping_reports", "where": "category = 'fly_tipping'"},
            {"id": "graffiti_reports", "where": "category = 'graffiti'"},
            {"id": "abandoned_vehicle_reports", "where": "category = 'abandoned_vehicle'"},
            {"id": "dog_fouling_reports", "where": "category = 'dog_fouling'"},
            {"id": "noise_reports", "where": "category = 'noise'"},
        ],
        place="ward_code",
        feed="council/environmental_crime",
        profile={"category": "category"},
    )
}}
