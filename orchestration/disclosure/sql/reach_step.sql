-- One step further: the variables that share an equation with those reached so far.
select target, cell, item
from _reach
union
select r.target, h.cell, h.item
from (select distinct target, relation from _reach inner join held using (cell, item)) as r
inner join held as h on h.relation = r.relation
