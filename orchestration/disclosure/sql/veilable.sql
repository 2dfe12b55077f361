-- Where nothing is left to hide: the pinned cells and those that share an equation with them, of
-- which
-- no more should be known than that they are hidden.
with
    beside as (
        select target, target as cell
        from _reach
        union
        select t.target, other.cell
        from (select distinct target from _reach) as t
        inner join held as h on h.cell = t.target
        inner join held as other on other.relation = h.relation
    )
select distinct cell
from beside
where cell in (select cell from _veilable)
order by 1
