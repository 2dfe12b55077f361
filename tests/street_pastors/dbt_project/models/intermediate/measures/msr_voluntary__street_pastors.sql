-- One row per measure, month and place: whom the street pastors helped.
{{
    count_measures(
        ref("stg_voluntary__street_pastors"),
        [
            {"id": "street_pastors_people_helped", "value": "people_helped"},
            {
                "id": "street_pastors_first_aid",
                "value": "first_aid",
                "base_value": "people_helped",
            },
        ],
        place="ward_code",
        feed="voluntary/street_pastors",
    )
}}
