-- One row per row of a current delivery: people supervised, or people with a requirement.
{{ stage("probation", "caseload") }}
