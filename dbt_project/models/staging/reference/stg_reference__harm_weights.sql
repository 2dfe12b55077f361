-- One row per row of a current delivery: the harm weight of an offence code, in one scheme.
{{ stage("reference", "harm_weights") }}
