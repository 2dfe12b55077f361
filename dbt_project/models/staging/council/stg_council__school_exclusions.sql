-- One row per line, kind (suspension, permanent exclusion) and reason; `all` is their number.
-- The publisher's percentages are not taken over: they follow from the numbers.
{%- set reasons = [
    "all",
    "physical_pupils",
    "physical_adult",
    "verbal_pupil",
    "verbal_adult",
    "bullying",
    "racist_abuse",
    "sexual_misconduct",
    "drug_alcohol",
    "damage",
    "theft",
    "persistent_disruptive",
    "other",
    "abuse_disability",
    "abuse_sex_gender",
    "media_technology",
    "offensive_weapon",
    "public_health",
] -%}
{%- set markers = {
    "z": "not_applicable",
    ":": "not_available",
    "x": "not_available",
    "c": "suppressed",
    "low": "zero",
} -%}
{%- set cells = [] -%}
{%- for prefix in ["susp_", "perm_"] -%}
    {%- for reason in reasons -%} {%- do cells.append(prefix ~ reason) -%} {%- endfor -%}
{%- endfor %}

with
    delivered as ({{ judged_rows("council", "school_exclusions") }}),

    cells as (
        select *
        from delivered unpivot include nulls(written for cell in ({{ cells | join(", ") }}))
    ),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            -- 202324 as 2023-24.
            left(time_period, 4) || '-' || right(time_period, 2) as academic_year,
            new_la_code as authority_code,
            school_type,
            case left(cell, 4) when 'susp' then 'suspension' else 'permanent_exclusion' end as kind,
            substr(cell, 6) as reason,
            written,
            {{ as_number("written") }} as exclusions,
            {{ marker("written", markers) }} as exclusions_missing_reason,
            _received_at as received_at,
            contract_reject
        from cells
    )

select
    delivery_id,
    line_number,
    period_month,
    academic_year,
    authority_code,
    school_type,
    kind,
    reason,
    case when exclusions_missing_reason = 'zero' then 0 else exclusions end as exclusions,
    case
        when exclusions_missing_reason <> 'zero'
        then exclusions_missing_reason
        when written is null
        then 'not_available'
    end as exclusions_missing_reason,
    received_at,
    -- A line is good or rejected as a whole.
    contract_reject as reject_reason
from typed
