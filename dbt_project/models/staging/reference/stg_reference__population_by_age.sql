-- One row per row of a current delivery: people of one age and sex in an LSOA at a mid-year.
{{
    stage(
        "reference",
        "population_by_age",
        derived={"age": as_number("regexp_extract(age_name, '[0-9]+')")},
    )
}}
