-- One row per row of a current delivery: an action as it stood at the end of the quarter.
{{
    stage(
        "council",
        "plan_actions",
        rejects={"progress_not_a_percentage": "progress_percent < 0 or progress_percent > 100"},
    )
}}
