-- One row per measure, month and place: stop and searches, and how many found what was looked for.
-- Where the force left blank whether anything was found, nothing is known: such a search is in no
-- base.
{{
    count_measures(
        ref("int_stop_and_search_placed"),
        [
            {"id": "stop_and_searches"},
            {
                "id": "stop_and_search_find_rate",
                "where": "is_outcome_linked_to_object",
                "base": "is_outcome_linked_to_object is not null",
            },
            {
                "id": "drug_search_find_rate",
                "where": "object_of_search = 'Controlled drugs' and is_outcome_linked_to_object",
                "base": "object_of_search = 'Controlled drugs' and is_outcome_linked_to_object is not null",
            },
        ],
        place="place_code",
        feed="police/stop_and_search",
        profile=dict(
            moment_profile("searched_at", "is_time_known"),
            sex="gender",
            age_band="age_range",
            ethnicity_officer_defined="officer_defined_ethnicity",
            ethnicity_self_defined=ethnic_group_of("self_defined_ethnicity"),
            search_type="search_type",
            object_of_search="object_of_search",
            outcome_given="outcome",
            find=yes_or_no("is_outcome_linked_to_object"),
        ),
    )
}}
