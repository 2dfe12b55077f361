-- One row per measure, month and place: episodes of missing people, and how many children.
-- Children are counted once a month however many wards they were missing from, so that measure has
-- the whole area only; rows of other wards, or of none, are in no figure of the city.
{%- set child = "age_band= '0-17'" %}
{%- set returned_child = child ~ " and has_returned" %}
{%- set episodes = [
    {"id": "missing_child_episodes", "where": child},
    {"id": "missing_adult_episodes", "where": "age_band= '18+'"},
    {
        "id": "return_home_interviews_in_72_hours",
        "where": returned_child ~ " and interview_hours <= 72",
        "base": returned_child,
    },
] %}
{%- set children = [
    {
        "id": "children_missing",
        "where": child ~ " and is_in_area",
        "distinct": "person_key",
    },
] %}
with
    episode as (
        select staged.*, wards.place_code is not null as is_in_area
        from {{ ref("stg_police__missing_episodes") }} as staged
        left join {{ ref("int_place") }} as wards on wards.place_code = staged.ward_code
    )

    {{
        count_measures(
            "episode",
            episodes,
            place="ward_code",
            feed="police/missing_episodes",
            profile=dict(moment_profile("reported_at"), age_band="age_band"),
        )
    }}
union all
{{ count_measures("episode", children) }}
