-- One row per row of a current delivery: a case that the MARAC heard.
{{ stage("partnership", "marac_cases") }}
