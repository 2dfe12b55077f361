-- One row per row of a current delivery: an incident attended or a call received.
{{
    stage(
        "fire",
        "incidents",
        rejects={
            "call_not_in_the_deliverys_month": "date_trunc('month', called_at) <> period_month"
        },
    )
}}
