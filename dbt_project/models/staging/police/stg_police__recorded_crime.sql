-- One row per row of a current delivery: a recorded offence, with what the taxonomy says of its
-- code. The Home Office adds codes every year. One that the list does not hold takes what all
-- listed codes of its number have in common (88F is a sexual offence, because every 88 is); where
-- they differ, that is not known (null). A number whose codes belong to several groups (37), or
-- that the list does not hold, says nothing: the row is rejected.
with
    typed as ({{ typed_rows("police", "recorded_crime") }}),

    family as (
        select
            {{ code_number("ho_code") }} as code_number,
            min(offence_group) as offence_group,
            {{ in_common("offence_subgroup") }} as offence_subgroup,
            {{ in_common("is_knife_flaggable") }} as is_knife_flaggable,
            {{ in_common("is_vawg") }} as is_vawg,
            {{ in_common("is_aggravated") }} as is_aggravated,
            {{ in_common("is_serious_violence") }} as is_serious_violence
        from {{ ref("offence_taxonomy") }}
        group by 1
        having count(distinct offence_group) = 1
    ),

    listed as (select distinct ho_code from {{ ref("offence_taxonomy") }}),

    coded as (
        select
            typed.*,
            coalesce(taxonomy.offence_group, family.offence_group) as offence_group,
            coalesce(taxonomy.offence_subgroup, family.offence_subgroup) as offence_subgroup,
            coalesce(taxonomy.is_knife_flaggable, family.is_knife_flaggable) as is_knife_flaggable,
            coalesce(taxonomy.is_vawg, family.is_vawg) as is_vawg,
            coalesce(taxonomy.is_aggravated, family.is_aggravated) as is_aggravated,
            coalesce(
                taxonomy.is_serious_violence, family.is_serious_violence
            ) as is_serious_violence,
            family.code_number is not null as is_coded_by_rule,
            coalesce(taxonomy.ho_code, family.code_number) as known_code
        from typed
        left join
            {{ ref("offence_taxonomy") }} as taxonomy
            on taxonomy.ho_code = typed.ho_code
            and typed.recorded_date >= taxonomy.valid_from
            and (taxonomy.valid_to is null or typed.recorded_date <= taxonomy.valid_to)
        left join listed on listed.ho_code = typed.ho_code
        -- A listed code that was not in force on the day stays unknown.
        left join
            family
            on family.code_number = {{ code_number("typed.ho_code") }}
            and listed.ho_code is null
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
                "is_serious_violence": "is_serious_violence",
                "is_coded_by_rule": "is_coded_by_rule",
            },
            rejects={"offence_code_unknown": "known_code is null"},
            relation="coded",
        )
    }}
