-- One row per measure and district of a peer group, for the year.
select
    measure_id,
    peer_group,
    area_code,
    area_name,
    is_own_area,
    "count",
    denominator,
    rate,
    rate_lower,
    rate_upper,
    rank_in_group
from marts.peer_comparison
where period_type = 'strategy_year' and strategy_year = $year
order by measure_id, peer_group, rank_in_group
