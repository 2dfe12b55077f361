-- One row per measure, quarter and place: collisions with a drink-driver, and casualties.
{{
    count_measures(
        ref("stg_council__road_traffic_collisions"),
        [
            {"id": "drink_drive_collisions", "where": "is_drink_drive"},
            {"id": "killed_or_seriously_injured", "value": "killed_or_seriously_injured"},
            {"id": "road_collisions"},
            {"id": "slightly_injured", "value": "slightly_injured"},
            {
                "id": "children_killed_or_seriously_injured",
                "value": "children_killed + children_serious",
            },
        ],
        place="ward_code",
        feed="council/road_traffic_collisions",
        profile=moment_profile("(occurred_on + occurred_at_time)", weekday_from="occurred_on"),
    )
}}
