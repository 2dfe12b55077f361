-- One row per row of a current delivery: an outcome given to a crime.
{{
    stage(
        "police",
        "outcomes",
        read={"row_month": month_start("month")},
        rejects={"month_is_not_the_deliverys": "row_month <> period_month"},
    )
}}
