-- One row per row of a current delivery: an offence or an anti-social behaviour incident.
{{ stage("police", "street_crime") }}
