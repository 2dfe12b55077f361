-- The binding equations. One that the true counts do not quite satisfy binds within its error: a
-- reader who allows for it is right. One with an open series of which a count is not known yet (a
-- month to come) binds nothing: nobody can say how far it is off, and taken exactly it would
-- contradict the months that are.
with
    unproven as (
        select term.relation
        from term
        left join truth as t on t.cell = term.cell and t.item = term.item
        left join printed as p on p.cell = term.cell
        group by term.relation
        having bool_or(coalesce(p.is_exact, false)) and not bool_and(t.value is not null)
    )
select *
from term
anti join untrue using (relation)
anti join unproven using (relation)
union all
select t.relation || '|above', '<=', t.constant + u.error, t.cell, t.item, t.coefficient
from term as t
inner join untrue as u on u.relation = t.relation
union all
select t.relation || '|below', '<=', u.error - t.constant, t.cell, t.item, - t.coefficient
from term as t
inner join untrue as u on u.relation = t.relation
where t.sense = '='
