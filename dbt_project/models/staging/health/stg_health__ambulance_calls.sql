-- One row per row of a current delivery: a call relating to crime and disorder.
{{ stage("health", "ambulance_calls") }}
