-- One row per row of a current delivery: referrals of one combination of the published table.
{{
    stage(
        "national",
        "nrm_referrals",
        rejects={
            "duty_to_notify_of_a_child": "consent = 'duty_to_notify' and age_group <> 'adult'"
        },
    )
}}
