-- A pinned cell with anything to hide within reach is served.
select r.target from _reach as r inner join _offer as o on o.cell = r.cell
