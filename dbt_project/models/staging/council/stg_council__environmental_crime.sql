-- One row per row of a current delivery: a report of environmental crime.
{{
    stage(
        "council",
        "environmental_crime",
        rejects={
            "reported_on_outside_period": "date_trunc('month', reported_on) <> period_month"
        },
    )
}}
