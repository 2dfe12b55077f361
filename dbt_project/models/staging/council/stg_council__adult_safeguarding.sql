-- One row per row of a current delivery: a safeguarding enquiry that was started.
{{
    stage(
        "council",
        "adult_safeguarding",
        rejects={
            "started_on_outside_period": "date_trunc('quarter', started_on) <> period_month"
        },
    )
}}
