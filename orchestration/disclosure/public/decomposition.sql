-- Parts of a change: residents, rows without a place and the remainder. The parts of a protected
-- measure would require counts of both years' rows without a place, so they are withheld.
select
    t.* replace (
        if(kept, t.previous_count, null) as previous_count,
        if(kept, t."count", null) as "count",
        if(kept, t.change, null) as change,
        if(kept, t.population_part, null) as population_part,
        if(kept, t.coverage_part, null) as coverage_part,
        if(kept, t.remainder, null) as remainder,
        if(kept, t.population_unknown_because, null) as population_unknown_because,
        if(kept, t.coverage_unknown_because, null) as coverage_unknown_because
    ),
    if(kept, null, 'derived') as suppressed,
    false as is_rounded
from decomposition as t
inner join (select *, is_exact as kept from measure) as m on m.measure_id = t.measure_id
order by t.rowid
