-- One row per row of a current delivery: the county lines activity of a quarter.
{{ stage("police", "county_lines_activity") }}
