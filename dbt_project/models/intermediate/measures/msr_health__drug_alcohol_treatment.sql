-- One row per measure and quarter: people in treatment, from the area's rows only (services do not
-- add up to the area). A number that the source withheld makes the whole sum unknown.
with
    area_rows as (
        select * from {{ ref("stg_health__drug_alcohol_treatment") }} where level = 'area'
    )

    {{
        count_measures(
            "area_rows",
            [
                {
                    "id": "alcohol_treatment_people",
                    "where": "substance_group = 'alcohol'",
                    "value": "in_treatment",
                    "unknown": "substance_group = 'alcohol' and in_treatment is null",
                },
                {
                    "id": "opiate_treatment_people",
                    "where": "substance_group = 'opiate'",
                    "value": "in_treatment",
                    "unknown": "substance_group = 'opiate' and in_treatment is null",
                },
                {
                    "id": "non_opiate_treatment_people",
                    "where": "substance_group = 'non_opiate'",
                    "value": "in_treatment",
                    "unknown": "substance_group = 'non_opiate' and in_treatment is null",
                },
                {
                    "id": "alcohol_treatment_completed",
                    "where": "substance_group = 'alcohol'",
                    "value": "successful_completions",
                    "base": "substance_group = 'alcohol'",
                    "base_value": "in_treatment",
                    "unknown": "substance_group = 'alcohol' and (successful_completions is null or in_treatment is null)",
                },
                {
                    "id": "drug_treatment_new_presentations",
                    "where": "substance_group in ('opiate', 'non_opiate')",
                    "value": "new_presentations",
                    "unknown": "substance_group in ('opiate', 'non_opiate') and new_presentations is null",
                },
                {
                    "id": "continuity_of_care_after_prison",
                    "value": "prison_engaged",
                    "base_value": "prison_referred",
                    "unknown": "prison_engaged is null or prison_referred is null",
                },
            ],
        )
    }}
