-- One row per row of a current delivery: an admission and a block that it falls in.
with
    typed as (
        {{
            typed_rows(
                "health",
                "hospital_admissions",
                read={"icd10_category": "left(icd10_sub_category, 3)"},
            )
        }}
    ),

    judged as (
        select
            *,
            case
                when block = 'alcohol'
                then icd10_category in ('F10', 'T51', 'Y90', 'Y91')
                when block = 'drugs'
                then icd10_category between 'F11' and 'F19' or icd10_category = 'T40'
                when block in ('assault', 'domestic_abuse')
                then
                    icd10_category between 'X85' and 'X99' or icd10_category between 'Y00' and 'Y09'
                else false
            end as is_of_the_block
        from typed
    )

    {{
        stage(
            "health",
            "hospital_admissions",
            derived={"icd10_category": "icd10_category"},
            rejects={
                "admission_not_in_the_deliverys_quarter": "date_trunc('quarter', admitted_on) <> period_month",
                "sub_category_not_of_the_block": "is_of_the_block is not true",
            },
            relation="judged",
        )
    }}
