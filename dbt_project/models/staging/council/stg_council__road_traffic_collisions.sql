-- One row per row of a current delivery: a collision in which somebody was hurt.
{{
    stage(
        "council",
        "road_traffic_collisions",
        derived={
            "killed_or_seriously_injured": "adults_killed + adults_serious + children_killed + children_serious",
            "slightly_injured": "adults_slight + children_slight",
        },
    )
}}
