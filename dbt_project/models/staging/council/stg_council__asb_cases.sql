-- One row per row of a current delivery: a case that the anti-social behaviour team opened.
{{
    stage(
        "council",
        "asb_cases",
        read={"is_contacted": "working_days_to_contact is not null"},
        derived={"is_contacted": "is_contacted"},
    )
}}
