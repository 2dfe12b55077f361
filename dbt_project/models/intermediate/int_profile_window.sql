-- One row per measure and window that profiles are made for: its whole years, and the latest twelve
-- months that are known.
with
    windows as (
        select
            measure_id,
            period_type,
            period_start,
            missing_reason is null
            and row_number() over (
                partition by measure_id, period_type, missing_reason is null
                order by period_start desc
            )
            = 1 as is_latest
        from {{ ref("int_measure_period") }}
        where
            period_type in ('strategy_year', 'calendar_year', 'academic_year', 'rolling_12m')
            -- Nothing can be said yet of a year that is still going on, or has not begun.
            and missing_reason is distinct from 'not_yet_due'
    )

select measure_id, period_type, period_start, is_latest
from windows
where is_latest or period_type <> 'rolling_12m'
