-- One row per row of a current delivery: a referral of a victim to the victim service.
{{
    stage(
        "voluntary",
        "victim_support",
        rejects={
            "referral_not_in_the_deliverys_month": "date_trunc('month', referred_on) <> period_month"
        },
    )
}}
