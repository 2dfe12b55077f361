-- One row per measure, month and place: what the force's recorded crime counts.
-- Groups and subgroups come from the register's table offence_measures, at the end.
-- The offence lists are columns of the offence taxonomy, null for a new code whose
-- number does not decide: such a row is left out of the list's measure, and counted as
-- left out. Rules that several measures share have a name here.
{%- set violence = "offence_group = 'Violence against the person'" %}
{%- set public_space %}
offence_group in ('Violence against the person', 'Robbery', 'Public order offences')
and is_public_place
and not is_domestic_abuse
{%- endset %}
{%- set weekend_night %}
(
    (dayofweek(committed_from) in (5, 6) and hour(committed_from) >= 20)
    or (dayofweek(committed_from) in (6, 0) and hour(committed_from) < 4)
)
{%- endset %}
{%- set serious = "(is_serious_violence and not is_domestic_abuse)" %}
{%- set against_women = "(is_vawg and victim_sex = 'F' and not is_domestic_abuse)" %}
{%- set domestic = "is_domestic_abuse and victim_age_band is distinct from '0-15'" %}
{%- set under_18 = "in ('0-15', '16-17')" %}
{%- set measures = [
    {
        "id": "knife_enabled_crime",
        "where": "has_knife and is_knife_flaggable",
        "left_out": "has_knife and is_knife_flaggable is null",
    },
    {"id": "public_space_violence", "where": public_space},
    {
        "id": "night_time_violence",
        "where": violence ~ " and " ~ public_space ~ " and " ~ weekend_night,
    },
    {
        "id": "serious_violence_offences",
        "where": serious,
        "left_out": "is_serious_violence is null and not is_domestic_abuse",
    },
    {
        "id": "serious_violence_public_vawg",
        "where": serious ~ " or (" ~ public_space ~ ") or " ~ against_women,
        "left_out": "("
        ~ serious
        ~ " or ("
        ~ public_space
        ~ ") or "
        ~ against_women
        ~ ") is null",
    },
    {
        "id": "non_domestic_vawg",
        "where": against_women,
        "left_out": "is_vawg is null and victim_sex = 'F' and not is_domestic_abuse",
    },
    {
        "id": "violence_child_victims",
        "where": violence ~ " and victim_age_band " ~ under_18,
    },
    {"id": "alcohol_flagged_violence", "where": violence ~ " and has_alcohol"},
    {"id": "police_modern_slavery_offences", "where": "ho_code = '106'"},
    {"id": "hate_crimes", "where": "hate_strands is not null"},
    {
        "id": "racially_religiously_aggravated_offences",
        "where": "is_aggravated",
        "left_out": "is_aggravated is null",
    },
    {
        "id": "drug_trafficking_under_18_suspects",
        "where": "ho_code = '92A' and suspect_age_band " ~ under_18,
    },
    {
        "id": "exploitation_flagged_crimes",
        "where": "(is_child_sexual_exploitation or is_child_criminal_exploitation)",
    },
    {"id": "domestic_abuse_crimes", "where": domestic},
    {
        "id": "domestic_abuse_repeat_victims",
        "where": domestic ~ " and is_repeat_victim",
        "base": domestic,
    },
    {"id": "coercive_control", "where": "ho_code = '8U'"},
] %}
{#- One measure a strand: an offence with two strands counts in both, and once in hate_crimes. #}
{%- for strand in ["race", "religion", "sexual_orientation", "disability", "transgender"] %}
    {%- do measures.append(
        {"id": "hate_crimes_" ~ strand, "where": has_value("hate_strands", strand)}
    ) %}
{%- endfor %}
{%- set profile = dict(
    moment_profile("committed_from"),
    location_type="location_type",
    sex="nullif(victim_sex, 'U')",
    age_band="victim_age_band",
    suspect_age_band="suspect_age_band",
    repeat_victim=yes_or_no("is_repeat_victim"),
    offence_group="event_rows.offence_group",
    offence_subgroup="event_rows.offence_subgroup",
    weapon="case when has_knife then 'knife' else 'no knife recorded' end",
    domestic_abuse=yes_or_no("is_domestic_abuse"),
    outcome="coalesce(outcome_code, 'none yet')",
) %}
{{
    count_measures(
        ref("stg_police__recorded_crime"),
        measures,
        place="lsoa_code",
        feed="police/recorded_crime",
        profile=profile,
    )
}}
union all
-- Groups and subgroups of the Home Office: what counts in which measure is a table of the register.
-- A new code whose subgroup is not known may count in any subgroup of its group, and is left out.
select
    measures.measure_id,
    cast(event_rows.period_month as date) as period_month,
    {{ unit_code("lsoa_code", "police/recorded_crime" in all_covering_feeds()) }} as unit_code,
    cast(
        count(*) filter (
            where measures.offence_subgroup is null or event_rows.offence_subgroup is not null
        ) as double
    ) as event_count,
    cast(null as double) as base_count,
    0 as unknown_rows,
    count(*) filter (
        where measures.offence_subgroup is not null and event_rows.offence_subgroup is null
    ) as left_out_rows,
    {{
        counted_rows(
            {
                "where": "measures.offence_subgroup is null or event_rows.offence_subgroup is not null"
            },
            profile,
        )
    }}
    as counted_rows
from {{ ref("stg_police__recorded_crime") }} as event_rows
inner join
    {{ ref("offence_measures") }} as measures
    on measures.offence_group = event_rows.offence_group
    and (
        measures.offence_subgroup is null
        or event_rows.offence_subgroup is null
        or event_rows.offence_subgroup = measures.offence_subgroup
    )
left join {{ ref("int_place") }} as place on place.place_code = event_rows.lsoa_code
cross join {{ ref("int_area") }} as area
where event_rows.reject_reason is null
group by 1, 2, 3
