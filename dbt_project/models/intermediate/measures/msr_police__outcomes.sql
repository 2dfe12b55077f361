-- One row per measure, month and place: outcomes of crime, as the force publishes them.
{{
    count_measures(
        ref("stg_police__outcomes"),
        [
            {
                "id": "police_outcomes_charged",
                "where": "outcome_type = 'Suspect charged'",
                "base": "true",
            },
        ],
        place="lsoa_code",
        feed="police/outcomes",
        profile={"outcome_given": "outcome_type"},
    )
}}
