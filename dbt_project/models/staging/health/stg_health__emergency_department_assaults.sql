-- One row per row of a current delivery: an attendance at an emergency department after an assault.
{{ stage("health", "emergency_department_assaults") }}
