-- One row per row of a current delivery: a stop and search.
-- The time is read as written: the offset is set aside, so a search keeps the day it is listed
-- under.
{{
    stage(
        "police",
        "stop_and_search",
        read={"searched_at": as_timestamp("left(searched_at, 19)", "%Y-%m-%dT%H:%M:%S")},
    )
}}
