-- One row per row of a current delivery: a call relating to crime and disorder.
{{
    stage(
        "health",
        "ambulance_calls",
        rejects={
            "call_not_in_the_deliverys_month": "date_trunc('month', called_at) <> period_month"
        },
    )
}}
