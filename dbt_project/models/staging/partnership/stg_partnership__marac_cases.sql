-- One row per row of a current delivery: a case that the MARAC heard.
{{
    stage(
        "partnership",
        "marac_cases",
        rejects={
            "hearing_not_in_the_deliverys_quarter": "date_trunc('quarter', heard_on) <> period_month"
        },
    )
}}
