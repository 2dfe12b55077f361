-- One row per row of a current delivery: an incident of the police log.
{{
    stage(
        "police",
        "incidents",
        rejects={
            "incident_not_in_the_deliverys_month": "date_trunc('month', opened_at) <> period_month"
        },
    )
}}
