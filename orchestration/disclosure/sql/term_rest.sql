-- A share: the count and the remainder add up to the base.
select
    'rest|' || c.cell,
    '=',
    0.0,
    unnest([c.cell, c.cell, c.cell]),
    unnest(['count', 'rest', 'base']),
    unnest([1.0, 1.0, -1.0])
from variable as c
inner join variable as b on b.cell = c.cell and b.item = 'base'
where c.item = 'count'
