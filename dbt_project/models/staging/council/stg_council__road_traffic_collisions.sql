-- One row per row of a current delivery: a collision in which somebody was hurt.
{{
    stage(
        "council",
        "road_traffic_collisions",
        derived={
            "killed_or_seriously_injured": "adults_killed + adults_serious + children_killed + children_serious",
            "slightly_injured": "adults_slight + children_slight",
        },
        rejects={
            "occurred_on_outside_period": "date_trunc('quarter', occurred_on) <> period_month",
            "nobody_hurt": "killed_or_seriously_injured + slightly_injured < 1",
        },
    )
}}
