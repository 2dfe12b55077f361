-- One row per row of a current delivery: a stop and search.
-- The offset from UTC is followed: the publisher writes UTC all year, and hours are UK local
-- time. A
-- time that was never known is midnight as it was written, or midnight here.
{{
    stage(
        "police",
        "stop_and_search",
        read={
            "searched_at": "coalesce("
            ~ as_local_time("searched_at")
            ~ ", "
            ~ as_timestamp("left(searched_at, 19)", "%Y-%m-%dT%H:%M:%S")
            ~ ")",
            "written_time": "substr(searched_at, 12, 8)",
        },
        derived={
            "is_time_known": "written_time <> '00:00:00' and cast(searched_at as time) <> time '00:00:00'"
        },
    )
}}
