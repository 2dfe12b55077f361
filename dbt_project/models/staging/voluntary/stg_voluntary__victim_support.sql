-- One row per row of a current delivery: a referral of a victim to the victim service.
{{ stage("voluntary", "victim_support") }}
