-- Every derived value has to be the one that a reader derives from the shown counts: one row per
-- value that is not. Only measures that are not exact. A withheld value (null) discloses nothing.
select distinct
    'derived' as kind,
    source,
    cell,
    'count' as item,
    'is not made from the counts that are shown' as detail
from made
where
    told is not null
    and (wanted is null or abs(told - wanted) > 1e-6 * greatest(1, abs(wanted)))
    -- "Not judged" makes no claim.
    and not (told = 0 and wanted is null)
