-- One row per measure and quarter: county lines activity, from quarters that were counted whole.
-- A quarter that was not is rejected in staging; its numbers are not known, and never zero.
{%- set measures = [] -%}
{%- for id, column in {
    "county_lines_active": "lines_active",
    "county_lines_lines_closed": "lines_closed",
    "county_lines_arrests": "arrests",
    "county_lines_people_safeguarded": "people_safeguarded",
    "county_lines_cuckooed_addresses_visited": "cuckooed_addresses_visited",
}.items() -%}
    {%- do measures.append(
        {"id": id, "where": "is_whole", "value": column, "unknown": "not is_whole"}
    ) -%}
{%- endfor %}

with
    activity as (
        select
            staged.* exclude (reject_reason),
            staged.reject_reason is distinct from 'quarter_not_whole' as is_whole,
            nullif(staged.reject_reason, 'quarter_not_whole') as reject_reason
        from {{ ref("stg_police__county_lines_activity") }} as staged
    )
    {{ count_measures("activity", measures) }}
