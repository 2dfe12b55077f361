-- One row per row of a current delivery: a safeguarding enquiry that was started.
{{ stage("council", "adult_safeguarding") }}
