-- Equations that the true counts do not satisfy, where all are known, and by how much: taken
-- exactly,
-- they would mislead the attacker.
select
    term.relation,
    any_value(term.sense) as sense,
    ceil(abs(sum(coefficient * value) - any_value(constant))) as error
from term
left join truth as t on t.cell = term.cell and t.item = term.item
group by term.relation
having
    bool_and(t.value is not null)
    and (
        (any_value(sense) = '=' and abs(sum(coefficient * value) - any_value(constant)) > 0.51)
        or (any_value(sense) = '<=' and sum(coefficient * value) > any_value(constant))
    )
