-- One row per measure and month: what the emergency department's assaults count, for the whole
-- area.
{{
    count_measures(
        ref("stg_health__emergency_department_assaults"),
        [
            {"id": "ed_assault_attendances"},
            {
                "id": "ed_assaults_with_weapon",
                "where": "assault_method in ('sharp_object', 'blunt_object', 'bottle_or_glass', 'firearm')",
            },
        ],
        profile=dict(
            moment_profile("assaulted_at"),
            weapon="assault_method",
            location_type="assault_location_type",
        ),
    )
}}
