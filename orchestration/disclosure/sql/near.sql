-- Protected counts that a reader pins by taking a relation to an open total exactly although it
-- holds
-- only within an error, and is right by luck: the interval that the one equation leaves.
with
    open_term as (
        select
            t.relation,
            t.constant,
            t.sense,
            t.cell,
            t.item,
            t.coefficient,
            i.low,
            i.high,
            i.value,
            i.is_target,
            i.least_width
        from term as t
        inner join untrue as u on u.relation = t.relation
        inner join item as i on i.cell = t.cell and i.item = t.item
        where t.relation in (select relation from open_relation)
    ),
    ends as (
        select
            relation,
            any_value(constant) as constant,
            any_value(sense) as sense,
            sum(if(coefficient > 0, low, - coalesce(high, 1e9))) as least,
            sum(if(coefficient > 0, coalesce(high, 1e9), - low)) as most
        from open_term
        group by relation
    ),
    left_over as (
        select
            o.cell,
            o.item,
            o.value,
            o.least_width,
            greatest(
                o.low, if(e.sense = '=', e.constant - (e.most - coalesce(o.high, 1e9)), o.low)
            ) as low,
            least(coalesce(o.high, 1e9), e.constant - (e.least - o.low)) as high
        from open_term as o
        inner join ends as e on e.relation = o.relation
        where o.is_target and o.coefficient > 0
    )
select
    cell,
    item,
    cast(min(low) as bigint) as low,
    cast(min(high) as bigint) as high,
    cast(max(least_width) as bigint) as least_width
from left_over
where high - low < least_width and value between low and high
group by cell, item
order by cell, item
