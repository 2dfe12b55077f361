-- One row per measure and kind of its counts: its figures, and its profile. Where counts
-- are exact because others publish them, or because they are of places, who and when is not
-- what these publish: the strictest rule holds.
select measure_id, false as of_profile, suppress_to, round_to, least_width, is_exact
from measure
union all by name
select
    m.measure_id,
    true as of_profile,
    if(m.is_exact, r.suppress_to, m.suppress_to) as suppress_to,
    if(m.is_exact, r.round_to, m.round_to) as round_to,
    if(m.is_exact, r.least_width, m.least_width) as least_width,
    false as is_exact
from measure as m
inner join rules as r on r.rule_id = $strictest
