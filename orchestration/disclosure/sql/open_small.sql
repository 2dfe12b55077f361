-- Cells of which no more may be known than the open total says: it is so small that for some
-- split of
-- it the rules (what is small, zero or rounded) would tell more. The total alone decides, so that
-- being hidden says nothing about the cell.
select distinct cell
from open_total
where open_count > 0 and open_count <= parts * (select max(suppress_to) from rules)
