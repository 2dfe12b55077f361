-- One row per row of a current delivery: an outcome given to a crime.
{{ stage("police", "outcomes") }}
