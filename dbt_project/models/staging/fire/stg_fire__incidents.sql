-- One row per row of a current delivery: an incident attended or a call received.
{{ stage("fire", "incidents") }}
