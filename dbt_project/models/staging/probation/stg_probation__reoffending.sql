-- One row per row of a current delivery: an offence group of a quarter's cohort.
{{ stage("probation", "reoffending") }}
