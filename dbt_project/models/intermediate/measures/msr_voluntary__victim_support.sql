-- One row per measure, month and place: what the victim service's referrals count.
{{
    count_measures(
        ref("stg_voluntary__victim_support"),
        [
            {"id": "victim_support_violence_referrals", "where": "crime_group = 'violence'"},
            {"id": "victim_support_hate_referrals", "where": "crime_group = 'hate'"},
        ],
        place="ward_code",
        feed="voluntary/victim_support",
    )
}}
