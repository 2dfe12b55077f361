-- One row per row of a current delivery: an admission and a block that it falls in.
{{
    stage(
        "health",
        "hospital_admissions",
        read={"icd10_category": "left(icd10_sub_category, 3)"},
        derived={"icd10_category": "icd10_category"},
    )
}}
