-- Cells that say more than that they are hidden: that they are small, linked or zero.
select cell
from cell
where not is_exact and (reason in ('small', 'linked') or (reason is null and value_count = 0))
order by cell
