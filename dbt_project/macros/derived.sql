{#- Derived from the contracts and the measures folder by `csp contract sync`; do not edit. -#}
{% macro all_feeds() %}
    {{
        return(
            [
                ("council", "adult_safeguarding"),
                ("council", "asb_case_reviews"),
                ("council", "asb_cases"),
                ("council", "asb_tools_used"),
                ("council", "child_assessment_factors"),
                ("council", "consultation_responses"),
                ("council", "environmental_crime"),
                ("council", "hate_incidents_and_tension"),
                ("council", "plan_actions"),
                ("council", "road_traffic_collisions"),
                ("council", "school_exclusions"),
                ("fire", "incidents"),
                ("health", "ambulance_calls"),
                ("health", "drug_alcohol_treatment"),
                ("health", "emergency_department_assaults"),
                ("health", "hospital_admissions"),
                ("health", "public_health_indicators"),
                ("national", "nrm_referrals"),
                ("national", "recorded_crime_csp"),
                ("partnership", "marac_cases"),
                ("police", "county_lines_activity"),
                ("police", "incidents"),
                ("police", "missing_episodes"),
                ("police", "outcomes"),
                ("police", "recorded_crime"),
                ("police", "section_136"),
                ("police", "stop_and_search"),
                ("police", "street_crime"),
                ("probation", "caseload"),
                ("probation", "reoffending"),
                ("reference", "harm_weights"),
                ("reference", "imd_2025"),
                ("reference", "lsoa_2011_to_2021"),
                ("reference", "lsoa_boundaries"),
                ("reference", "lsoa_to_ward"),
                ("reference", "population"),
                ("reference", "population_by_age"),
                ("reference", "ward_boundaries"),
                ("voluntary", "domestic_abuse_services"),
                ("voluntary", "exploitation_support"),
                ("voluntary", "victim_support"),
            ]
        )
    }}
{% endmacro %}

{% macro all_measure_models() %}
    {{
        return(
            [
                "msr_council__adult_safeguarding",
                "msr_council__asb_case_reviews",
                "msr_council__asb_cases",
                "msr_council__asb_tools_used",
                "msr_council__child_assessment_factors",
                "msr_council__environmental_crime",
                "msr_council__hate_incidents_and_tension",
                "msr_council__road_traffic_collisions",
                "msr_council__school_exclusions",
                "msr_fire__incidents",
                "msr_health__ambulance_calls",
                "msr_health__drug_alcohol_treatment",
                "msr_health__emergency_department_assaults",
                "msr_health__hospital_admissions",
                "msr_national__nrm_referrals",
                "msr_partnership__marac_cases",
                "msr_police__county_lines_activity",
                "msr_police__incidents",
                "msr_police__missing_episodes",
                "msr_police__outcomes",
                "msr_police__recorded_crime",
                "msr_police__section_136",
                "msr_police__stop_and_search",
                "msr_police__street_crime",
                "msr_probation__caseload",
                "msr_probation__reoffending",
                "msr_voluntary__domestic_abuse_services",
                "msr_voluntary__exploitation_support",
                "msr_voluntary__victim_support",
            ]
        )
    }}
{% endmacro %}

{% macro all_prescribed_feeds() %}
    {{
        return(
            [
                (
                    "council",
                    "asb_cases",
                    [
                        "category",
                        "opened_on",
                        "ward_code",
                    ],
                ),
                (
                    "council",
                    "environmental_crime",
                    [
                        "category",
                        "reported_on",
                        "ward_code",
                    ],
                ),
                (
                    "council",
                    "hate_incidents_and_tension",
                    [
                        "kind",
                        "recorded_on",
                        "ward_code",
                    ],
                ),
                (
                    "council",
                    "road_traffic_collisions",
                    [
                        "occurred_on",
                        "occurred_time",
                        "ward_code",
                        "adults_killed",
                        "adults_serious",
                        "adults_slight",
                        "children_killed",
                        "children_serious",
                        "children_slight",
                    ],
                ),
                (
                    "council",
                    "school_exclusions",
                    [
                        "school_type",
                        "susp_all",
                        "perm_all",
                        "susp_offensive_weapon",
                        "susp_drug_alcohol",
                        "susp_racist_abuse",
                    ],
                ),
                (
                    "fire",
                    "incidents",
                    [
                        "incident_type",
                        "call_time",
                        "lsoa_code",
                    ],
                ),
                (
                    "health",
                    "ambulance_calls",
                    [
                        "category",
                        "called_at",
                        "ward_code",
                    ],
                ),
                (
                    "health",
                    "drug_alcohol_treatment",
                    [
                        "in_treatment",
                    ],
                ),
                (
                    "health",
                    "hospital_admissions",
                    [
                        "outward_postcode",
                        "admitted_on",
                        "icd10_sub_category",
                    ],
                ),
                (
                    "police",
                    "incidents",
                    [
                        "nsir_closing_code",
                        "opened_at",
                        "lsoa_code",
                    ],
                ),
                (
                    "police",
                    "recorded_crime",
                    [
                        "ho_code",
                        "recorded_date",
                        "committed_from",
                        "lsoa_code",
                    ],
                ),
            ]
        )
    }}
{% endmacro %}

{% macro all_covering_feeds() %}
    {{
        return(
            [
                "council/asb_cases",
                "council/environmental_crime",
                "council/hate_incidents_and_tension",
                "council/road_traffic_collisions",
            ]
        )
    }}
{% endmacro %}

{% macro all_feeds_without_rates() %}
    {{
        return(
            [
                "council/school_exclusions",
                "health/emergency_department_assaults",
                "health/hospital_admissions",
                "national/nrm_referrals",
                "reference/population_by_age",
            ]
        )
    }}
{% endmacro %}
