-- Concentration in few LSOAs: derived from the counts of all LSOAs, so only where these are exact.
select
    t.* replace (
        case when m.is_exact and m.finest = 3 then t."count" end as "count",
        case when m.is_exact and m.finest = 3 then t.lsoas end as lsoas,
        case when m.is_exact and m.finest = 3 then t.top_lsoas end as top_lsoas,
        case when m.is_exact and m.finest = 3 then t.share_in_top_tenth end as share_in_top_tenth,
        case when m.is_exact and m.finest = 3 then t.lsoas_with_half end as lsoas_with_half,
        case when m.is_exact and m.finest = 3 then t.persistent_lsoas end as persistent_lsoas,
        case when m.is_exact and m.finest = 3 then t.persistence end as persistence
    ),
    case when not (m.is_exact and m.finest = 3) then 'derived' end as suppressed,
    false as is_rounded
from concentration as t
inner join measure as m on m.measure_id = t.measure_id
order by t.rowid
