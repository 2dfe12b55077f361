-- One row per measure and calendar quarter: what the National Referral Mechanism's tables count.
{{
    count_measures(
        ref("stg_national__nrm_referrals"),
        [
            {"id": "nrm_referrals", "where": "consent = 'referral'", "value": "referrals"},
            {
                "id": "nrm_child_referrals",
                "where": "consent = 'referral' and age_group = 'child'",
                "value": "referrals",
            },
            {
                "id": "nrm_labour",
                "where": "consent = 'referral' and exploitation_type = 'labour'",
                "value": "referrals",
            },
            {
                "id": "nrm_criminal",
                "where": "consent = 'referral' and exploitation_type = 'criminal'",
                "value": "referrals",
            },
            {
                "id": "nrm_sexual",
                "where": "consent = 'referral' and exploitation_type = 'sexual'",
                "value": "referrals",
            },
            {
                "id": "nrm_county_lines_referrals",
                "where": "consent = 'referral' and is_county_lines",
                "value": "referrals",
            },
            {
                "id": "nrm_duty_to_notify",
                "where": "consent = 'duty_to_notify'",
                "value": "referrals",
            },
        ],
        profile={
            "age_band": "age_group",
            "exploitation_type": "nullif(exploitation_type, 'not_specified')",
            "referral_source": "first_responder",
        },
    )
}}
