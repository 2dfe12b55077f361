-- One row per measure and month of the whole area: its count as it is printed, and whether it is
-- hidden.
select measure_id, month_start, strategy_year, "count" as n, suppressed is not null as is_hidden
from monthly
