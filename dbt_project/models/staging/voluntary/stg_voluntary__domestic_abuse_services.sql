-- One row per row of a current delivery: a commissioned domestic abuse service in a quarter.
-- A service with no accommodation to give has null there, not nought.
{{
    stage(
        "voluntary",
        "domestic_abuse_services",
        rejects={
            "accommodation_not_a_number": "accommodation_requests is not null and accommodation_refused is null",
            "more_refused_than_requested": "accommodation_refused > accommodation_requests",
        },
    )
}}
