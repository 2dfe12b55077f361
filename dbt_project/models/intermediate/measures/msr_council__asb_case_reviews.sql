-- One row per measure and financial year: the four figures that the law has published.
{{
    count_measures(
        ref("stg_council__asb_case_reviews"),
        [
            {"id": "asb_case_review_applications", "value": "applications"},
            {"id": "asb_case_review_threshold_not_met", "value": "threshold_not_met"},
            {"id": "asb_case_review_reviews_carried_out", "value": "reviews_carried_out"},
            {
                "id": "asb_case_review_reviews_with_recommendations",
                "value": "reviews_with_recommendations",
            },
        ],
    )
}}
