-- One row per measure, month and place: stop and searches, and how many found what was looked for.
{{
    count_measures(
        ref("int_stop_and_search_placed"),
        [
            {"id": "stop_and_searches"},
            {
                "id": "stop_and_search_find_rate",
                "where": "is_outcome_linked_to_object",
                "base": "true",
            },
            {
                "id": "drug_search_find_rate",
                "where": "object_of_search = 'Controlled drugs' and is_outcome_linked_to_object",
                "base": "object_of_search = 'Controlled drugs'",
            },
        ],
        place="place_code",
        feed="police/stop_and_search",
    )
}}
