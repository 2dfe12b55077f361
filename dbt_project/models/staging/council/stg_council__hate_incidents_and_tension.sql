-- One row per row of a current delivery: a hate incident or a report of community tension.
{{
    stage(
        "council",
        "hate_incidents_and_tension",
        read={"strands": "replace(strands, ' ', '')"},
    )
}}
