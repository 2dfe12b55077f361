-- Pinned cells that already have a cell to hide within reach.
select r.target from _reach as r inner join _offer as o on o.cell = r.cell
