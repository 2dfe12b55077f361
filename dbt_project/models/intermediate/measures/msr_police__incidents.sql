-- One row per measure, month and place: what the incidents of the police log count.
{%- set measures = [
    {
        "id": "domestic_abuse_incidents",
        "where": has_value("qualifiers", "domestic_abuse")
        ~ " and linked_crime_ref is null",
    },
    {"id": "mental_health_incidents", "where": has_value("qualifiers", "mental_health")},
    {"id": "alcohol_qualified_incidents", "where": has_value("qualifiers", "alcohol")},
    {
        "id": "concern_for_safety_incidents",
        "where": "nsir_closing_code = 'concern_for_safety'",
    },
] %}
{%- for class in ["personal", "nuisance", "environmental"] %}
    {%- do measures.append(
        {"id": "asb_" ~ class ~ "_incidents", "where": "nsir_asb_class = '" ~ class ~ "'"}
    ) %}
{%- endfor %}
{{
    count_measures(
        ref("stg_police__incidents"),
        measures,
        place="lsoa_code",
        feed="police/incidents",
        profile=dict(
            moment_profile("opened_at"),
            category="nsir_closing_code",
            response_grade="grade",
            recorded_as_crime=yes_or_no("linked_crime_ref is not null"),
        ),
    )
}}
