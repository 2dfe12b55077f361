-- One row per row of a current delivery: referrals of one combination of the published table.
{{ stage("national", "nrm_referrals") }}
