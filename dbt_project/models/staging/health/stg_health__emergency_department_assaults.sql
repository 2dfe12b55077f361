-- One row per row of a current delivery: an attendance at an emergency department after an assault.
{{
    stage(
        "health",
        "emergency_department_assaults",
        read={"reported_from": as_date("period_start"), "reported_to": as_date("period_end")},
        rejects={
            "reporting_period_is_not_the_deliverys": "date_trunc('month', reported_from) <> period_month",
            "arrival_not_in_the_reporting_period": "cast(arrived_at as date) not between reported_from and reported_to",
        },
    )
}}
