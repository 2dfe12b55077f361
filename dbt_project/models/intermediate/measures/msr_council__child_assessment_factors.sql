-- One row per measure and quarter: assessments of children in need that named a factor.
-- An assessment has several factors, so they are never added up.
{%- set factors = [
    "cse",
    "cce",
    "gangs",
    "missing",
    "trafficking",
    "domestic_violence",
    "alcohol_misuse",
    "drug_misuse",
    "mental_health",
] -%}
{%- set measures = [] -%}
{%- for factor in factors -%}
    {%- do measures.append(
        {
            "id": "child_assessments_" ~ factor,
            "where": "factor= '" ~ factor ~ "'",
            "value": "assessments",
            "unknown": "factor= '"
            ~ factor
            ~ "' and assessments_missing_reason is not null",
        }
    ) -%}
{%- endfor %}
{{ count_measures(ref("stg_council__child_assessment_factors"), measures) }}
