-- One row per measure and window that profiles are made for: every year of its kind and every year
-- to date, and the latest month, quarter and twelve months that are known. Every month and quarter
-- would be two and a half times the rows of all these, most of them of one event or none.
with
    windows as (
        select
            measure_id,
            period_type,
            period_start,
            {{ is_latest("period_start", ["measure_id", "period_type"], "missing_reason is null") }}
            as is_latest
        from {{ ref("int_measure_period") }}
        where
            -- Nothing can be said yet of a window that is still going on, or has not begun.
            missing_reason is distinct from 'not_yet_due'
    )

select measure_id, period_type, period_start
from windows as periods
where {{ is_window_of_places("periods") }} or period_type = 'academic_year' or is_latest
