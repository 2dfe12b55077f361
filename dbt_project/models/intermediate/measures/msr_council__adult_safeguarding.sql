-- One row per measure and quarter: safeguarding enquiries under section 42 of the Care Act 2014.
{{
    count_measures(
        ref("stg_council__adult_safeguarding"),
        [
            {
                "id": "adult_safeguarding_enquiries",
                "where": "enquiry_type = 'section_42'",
            },
            {
                "id": "adult_safeguarding_self_neglect",
                "where": "enquiry_type = 'section_42' and abuse_type = 'self_neglect'",
            },
        ],
        profile={
            "category": "abuse_type",
            "location_type": "location_type",
            "age_band": "age_band",
        },
    )
}}
