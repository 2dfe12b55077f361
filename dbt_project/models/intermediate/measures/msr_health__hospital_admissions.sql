-- One row per measure, quarter and outward postcode: admissions of residents by block.
{{
    count_measures(
        ref("stg_health__hospital_admissions"),
        [
            {"id": "hospital_admissions_assault", "where": "block = 'assault'"},
            {"id": "hospital_admissions_alcohol", "where": "block = 'alcohol'"},
            {"id": "hospital_admissions_drugs", "where": "block = 'drugs'"},
            {"id": "hospital_admissions_domestic_abuse", "where": "block = 'domestic_abuse'"},
        ],
        place="outward_postcode",
        feed="health/hospital_admissions",
        profile={"category": "icd10_category"},
    )
}}
