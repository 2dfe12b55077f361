-- One row per measure and quarter: detentions under section 136. The extract has no places.
{{
    count_measures(
        ref("stg_police__section_136"),
        [
            {"id": "section_136_detentions"},
            {
                "id": "section_136_health_place_of_safety",
                "where": "place_of_safety = 'health_based'",
                "base": "true",
            },
        ],
        profile=dict(
            moment_profile("detained_at"),
            age_band="age_band",
            ethnicity="nullif(ethnicity_group, 'not_stated')",
            place_of_safety="place_of_safety",
            conveyance="nullif(conveyance, 'not_known')",
        ),
    )
}}
