-- One row per row of a current delivery: an incident of the police log.
{{ stage("police", "incidents") }}
