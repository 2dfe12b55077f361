-- One row per measure and quarter: how often powers were used; warnings are not powers.
{{
    count_measures(
        ref("stg_council__asb_tools_used"),
        [
            {
                "id": "asb_tools_used",
                "where": "tool <> 'community_protection_warning'",
                "value": "uses",
            },
        ],
        profile={"category": "tool"},
    )
}}
