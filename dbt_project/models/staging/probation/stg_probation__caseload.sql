-- One row per row of a current delivery: people supervised, or people with a requirement.
{{
    stage(
        "probation",
        "caseload",
        rejects={
            "offence_group_where_none_belongs": "(measure = 'supervised') <> (offence_group is not null)",
            "requirement_where_none_belongs": "(measure = 'requirement') <> (requirement is not null)",
        },
    )
}}
