-- The equations with an open total: one of their counts is printed exactly, or the total is a
-- constant.
select distinct relation
from term
where
    relation like 'theirs|%'
    or cell in (select cell from printed where is_exact and shown is not null)
