-- One row per measure and month: people supervised and people with a requirement, at its end.
{{
    count_measures(
        ref("stg_probation__caseload"),
        [
            {
                "id": "probation_violence_caseload",
                "where": "measure = 'supervised' and offence_group = 'violence'",
                "value": "people",
            },
            {
                "id": "probation_alcohol_treatment_requirements",
                "where": "measure = 'requirement' and requirement = 'alcohol_treatment'",
                "value": "people",
            },
            {
                "id": "probation_drug_rehabilitation_requirements",
                "where": "measure = 'requirement' and requirement = 'drug_rehabilitation'",
                "value": "people",
            },
            {
                "id": "probation_mental_health_treatment_requirements",
                "where": "measure = 'requirement' and requirement = 'mental_health_treatment'",
                "value": "people",
            },
        ],
    )
}}
