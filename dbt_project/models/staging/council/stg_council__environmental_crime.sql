-- One row per row of a current delivery: a report of environmental crime.
{{ stage("council", "environmental_crime") }}
