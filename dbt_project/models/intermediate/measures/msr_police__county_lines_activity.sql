-- One row per measure and quarter: county lines activity, from quarters that were counted whole.
{{
    count_measures(
        ref("stg_police__county_lines_activity"),
        [
            {"id": "county_lines_active", "value": "lines_active"},
            {"id": "county_lines_lines_closed", "value": "lines_closed"},
            {"id": "county_lines_arrests", "value": "arrests"},
            {"id": "county_lines_people_safeguarded", "value": "people_safeguarded"},
            {
                "id": "county_lines_cuckooed_addresses_visited",
                "value": "cuckooed_addresses_visited",
            },
        ],
    )
}}
