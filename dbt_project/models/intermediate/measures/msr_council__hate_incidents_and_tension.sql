-- One row per measure, month and place: hate incidents and tension reports.
-- A record counts once, however many strands it has.
{{
    count_measures(
        ref("stg_council__hate_incidents_and_tension"),
        [
            {"id": "hate_incidents_council", "where": "kind = 'hate_incident'"},
            {"id": "community_tension_reports", "where": "kind = 'tension_report'"},
        ],
        place="ward_code",
        feed="council/hate_incidents_and_tension",
        profile={"referral_source": "reported_by"},
    )
}}
