-- For each pinned cell, the least useful cell within reach, the smallest if there are several.
with
    offered as (
        select distinct r.target, o.* from _reach as r inner join _offer as o on o.cell = r.cell
    ),
    best as (
        select *
        from offered
        qualify row_number() over (partition by target order by usefulness, value, cell) = 1
    )
select distinct o.cell
from offered as o
inner join best as b on b.target = o.target
where o.cell = b.cell or (b.usefulness = 0 and o.usefulness = 0 and o.measure_id = b.measure_id)
order by 1
