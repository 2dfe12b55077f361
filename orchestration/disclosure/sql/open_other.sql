-- The other of two parts of an open total, where one is a count of few: total less a rounded part
-- is
-- as good as the part itself. What is hidden does not depend on how it is rounded.
select distinct other.cell
from open_total as few
inner join cell as c on c.cell = few.cell
inner join
    open_total as other
    on other.total = few.total
    and other.kind = few.kind
    and other.cell <> few.cell
where
    few.kind = 'sum'
    and few.parts = 2
    and c.value_count between 1 and (select max(suppress_to) from rules)
