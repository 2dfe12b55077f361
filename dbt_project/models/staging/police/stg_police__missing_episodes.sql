-- One row per row of a current delivery: an episode of a person reported missing.
{{
    stage(
        "police",
        "missing_episodes",
        rejects={
            "episode_not_in_the_deliverys_month": "date_trunc('month', reported_at) <> period_month"
        },
    )
}}
