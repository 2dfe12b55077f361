-- One row per measure and year: how much lies in the tenth of LSOAs with most of it.
select
    measure_id,
    strategy_year,
    "count",
    lsoas,
    top_lsoas,
    share_in_top_tenth,
    lsoas_with_half,
    persistent_lsoas,
    persistence
from marts.concentration
where period_type = 'strategy_year' and strategy_year between $baseline and $year
order by measure_id, strategy_year
