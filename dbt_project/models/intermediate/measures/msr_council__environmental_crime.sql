-- One row per measure, month and place: what the reports of environmental crime count.
{{
    count_measures(
        ref("stg_council__environmental_crime"),
        [
            {"id": "environmental_crime_reports"},
            {"id": "fly_tipping_reports", "where": "category = 'fly_tipping'"},
        ],
        place="ward_code",
        feed="council/environmental_crime",
        profile={"category": "category"},
    )
}}
