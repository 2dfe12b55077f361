-- Whatever is made from counts has to be what a reader makes from the shown ones: one row per
-- value that is not. Only measures that are not exact; what is withheld (null) tells nothing.
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
    -- "Not judged" is no claim.
    and not (told = 0 and wanted is null)
