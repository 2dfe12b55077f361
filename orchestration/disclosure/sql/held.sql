-- The binding equations. One that the true counts do not quite satisfy binds within its error: a
-- reader who allows for it is right.
select *
from term
anti join untrue using (relation)
union all
select t.relation || '|above', '<=', t.constant + u.error, t.cell, t.item, t.coefficient
from term as t
inner join untrue as u on u.relation = t.relation
union all
select t.relation || '|below', '<=', u.error - t.constant, t.cell, t.item, - t.coefficient
from term as t
inner join untrue as u on u.relation = t.relation
where t.sense = '='
