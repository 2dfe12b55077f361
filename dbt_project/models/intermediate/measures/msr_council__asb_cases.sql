-- One row per measure, month and place: what the council's anti-social behaviour cases count.
{{
    count_measures(
        ref("stg_council__asb_cases"),
        [
            {"id": "council_asb_cases"},
            {
                "id": "council_asb_high_risk_contacted_in_a_day",
                "where": "risk_level = 'high' and working_days_to_contact <= 1",
                "base": "risk_level = 'high'",
            },
            {
                "id": "council_asb_repeat_complainants",
                "where": "reports_in_six_months >= 3",
                "base": "true",
            },
        ],
        place="ward_code",
        feed="council/asb_cases",
        profile={
            "category": "category",
            "tenure": "tenure",
            "referral_source": "reported_by",
            "risk_level": "risk_level",
            "repeat_victim": yes_or_no("reports_in_six_months >= 3"),
        },
    )
}}
