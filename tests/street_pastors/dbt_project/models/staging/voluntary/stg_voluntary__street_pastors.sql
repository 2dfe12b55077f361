-- One row per row of a current delivery: a patrol of the street pastors.
{{
    stage(
        "voluntary",
        "street_pastors",
        rejects={
            "patrol_not_in_the_deliverys_month": "date_trunc('month', patrolled_on) <> period_month",
        },
    )
}}
