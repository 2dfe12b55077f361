-- One row per row of a current delivery: a detention under section 136.
{{
    stage(
        "police",
        "section_136",
        rejects={
            "detention_not_in_the_deliverys_quarter": "date_trunc('quarter', detained_at) <> period_month"
        },
    )
}}
