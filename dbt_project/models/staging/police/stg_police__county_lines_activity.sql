-- One row per row of a current delivery: the county lines activity of a quarter.
-- Part of a quarter reads as a fall, so it is rejected: it does not compare with whole ones.
{{
    stage(
        "police",
        "county_lines_activity",
        read={"delivered_quarter": "_period"},
        rejects={
            "quarter_is_not_the_deliverys": "quarter <> delivered_quarter",
            "quarter_not_whole": "months_in_scope < 3",
        },
    )
}}
