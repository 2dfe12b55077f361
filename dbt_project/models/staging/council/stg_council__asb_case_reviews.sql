-- One row per row of a current delivery: the four published figures of a financial year.
{{
    stage(
        "council",
        "asb_case_reviews",
        read={"delivery_period": "_period"},
        rejects={"year_is_not_the_deliverys": "year_label <> delivery_period"},
    )
}}
