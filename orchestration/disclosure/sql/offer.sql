-- Cells that may be hidden: never those printed before.
select c.*
from _candidates as c
where c.cell not in (select cell from printed where source = 'before' and shown is not null)
