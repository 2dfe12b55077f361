-- One row per row of a current delivery: a detention under section 136.
{{ stage("police", "section_136") }}
