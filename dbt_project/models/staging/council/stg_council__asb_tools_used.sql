-- One row per row of a current delivery: how often a power was used in the quarter, and by whom.
{{
    stage(
        "council",
        "asb_tools_used",
        derived={"uses": "council_uses + police_uses + landlord_uses"},
    )
}}
