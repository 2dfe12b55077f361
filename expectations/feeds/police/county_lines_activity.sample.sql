-- A made-up quarter of county lines activity: one row. Another team collects from April 2025 on,
-- and finds more, which is a change of counting.
-- Round figures; nobody's statistics.
select
    period as quarter,
    10 + chance(4.0 * found, u(1, 'lines active')) as lines_active,
    chance(expected(1.1 * found, 'exploitation'), u(1, 'lines closed')) as lines_closed,
    chance(expected(5.0 * found, 'exploitation'), u(1, 'arrests')) as arrests,
    chance(expected(3.5 * found, 'exploitation'), u(1, 'safeguarded')) as people_safeguarded,
    chance(expected(6.0 * found, 'exploitation'), u(1, 'cuckooed')) as cuckooed_addresses_visited,
    3 as months_in_scope,
    if(period_start < date '2025-04-01', 'Force intelligence', 'Regional organised crime unit')
    as collection_owner
from (select *, if(period_start < date '2025-04-01', 1.0, 1.3) as found from asked)
