-- One row per row of a current delivery: a recorded offence, with what the taxonomy says of its
-- code.
with
    typed as ({{ typed_rows("police", "recorded_crime") }}),

    coded as (
        select
            typed.*,
            taxonomy.offence_group,
            taxonomy.offence_subgroup,
            taxonomy.is_knife_flaggable,
            taxonomy.is_vawg,
            taxonomy.is_aggravated,
            taxonomy.ho_code as known_code
        from typed
        left join
            {{ ref("offence_taxonomy") }} as taxonomy
            on taxonomy.ho_code = typed.ho_code
            and typed.recorded_date >= taxonomy.valid_from
            and (taxonomy.valid_to is null or typed.recorded_date <= taxonomy.valid_to)
    )

    {{
        stage(
            "police",
            "recorded_crime",
            derived={
                "offence_group": "offence_group",
                "offence_subgroup": "offence_subgroup",
                "is_knife_flaggable": "is_knife_flaggable",
                "is_vawg": "is_vawg",
                "is_aggravated": "is_aggravated",
            },
            rejects={"offence_code_unknown": "known_code is null"},
            relation="coded",
        )
    }}
