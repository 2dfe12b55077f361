-- What may be hidden: never what was printed before.
select c.*
from _candidates as c
where c.cell not in (select cell from printed where source = 'before' and shown is not null)
