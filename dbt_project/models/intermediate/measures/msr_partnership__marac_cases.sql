-- One row per measure and quarter: what the MARAC's cases count; int_marac_case says what a
-- repeat is.
{{
    count_measures(
        ref("int_marac_case"),
        [
            {"id": "marac_cases"},
            {"id": "marac_repeat_cases", "where": "is_repeat", "base": "true"},
            {"id": "marac_partner_referrals", "where": "referred_by <> 'police'", "base": "true"},
        ],
        profile={
            "sex": "nullif(victim_sex, 'U')",
            "ethnicity": "nullif(ethnicity_group, 'not_stated')",
            "referral_source": "referred_by",
            "disability": yes_or_no("is_disabled"),
            "repeat_victim": yes_or_no("is_repeat"),
        },
    )
}}
