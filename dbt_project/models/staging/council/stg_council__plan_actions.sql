-- One row per row of a current delivery: an action as it stood at the end of the quarter.
{{ stage("council", "plan_actions") }}
