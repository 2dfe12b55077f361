-- One row per row of a current delivery: how many assessments of the quarter named a factor.
{{ stage("council", "child_assessment_factors") }}
