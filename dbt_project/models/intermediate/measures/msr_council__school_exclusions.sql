-- One row per measure and academic year: suspensions and exclusions of the authority's schools.
-- The row of all schools is taken: types of school are never added up beside it. Where it was
-- rejected for a number that cannot be read, or is another authority's, none of its numbers is
-- known, and none is zero.
{%- set counted = {
    "suspensions": ("suspension", "all"),
    "permanent_exclusions": ("permanent_exclusion", "all"),
    "suspensions_offensive_weapon": ("suspension", "offensive_weapon"),
    "suspensions_drug_alcohol": ("suspension", "drug_alcohol"),
    "suspensions_racist_abuse": ("suspension", "racist_abuse"),
} -%}
{%- set measures = [] -%}
{%- for id, (kind, reason) in counted.items() -%}
    {%- set where = "kind = '" ~ kind ~ "' and reason = '" ~ reason ~ "'" -%}
    {%- do measures.append(
        {
            "id": id,
            "where": where,
            "value": "known_exclusions",
            "unknown": where ~ " and known_exclusions is null",
        }
    ) -%}
{%- endfor %}

with
    authority_total as (
        select
            staged.* exclude (reject_reason),
            case
                when staged.reject_reason is null and area.area_code is not null
                then staged.exclusions
            end as known_exclusions,
            nullif(staged.reject_reason, 'number_unreadable') as reject_reason
        from {{ ref("stg_council__school_exclusions") }} as staged
        left join {{ ref("int_area") }} as area on area.area_code = staged.authority_code
        where staged.school_type = 'Total'
        qualify
            area.area_code is not null
            or count(area.area_code) over (partition by staged.period_month) = 0
    )
    {{ count_measures("authority_total", measures) }}
