-- One row per measure and quarter: what the commissioned domestic abuse services count.
{{
    count_measures(
        ref("stg_voluntary__domestic_abuse_services"),
        [
            {
                "id": "domestic_abuse_service_referrals",
                "value": "referrals_from_police + referrals_from_others",
            },
            {
                "id": "safe_accommodation_refused",
                "value": "accommodation_refused",
                "base_value": "accommodation_requests",
            },
        ],
        profile={"category": "service"},
    )
}}
