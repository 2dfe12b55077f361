-- One row per row of a current delivery: an episode of a person reported missing.
{{ stage("police", "missing_episodes") }}
