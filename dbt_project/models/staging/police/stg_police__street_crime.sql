-- One row per row of a current delivery: an offence or an anti-social behaviour incident.
{{
    stage(
        "police",
        "street_crime",
        read={"row_month": month_start("month")},
        rejects={"month_is_not_the_deliverys": "row_month <> period_month"},
    )
}}
