-- One row per row of a current delivery: a patrol of the street pastors.
{{ stage("voluntary", "street_pastors") }}
