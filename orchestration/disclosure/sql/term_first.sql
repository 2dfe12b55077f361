-- Those who put an answer first are among those who gave it.
select
    'first|' || c.cell,
    '<=',
    0.0,
    unnest([c.cell, c.cell]),
    unnest(['first', 'count']),
    unnest([1.0, -1.0])
from variable as c
inner join variable as f on f.cell = c.cell and f.item = 'first'
where c.item = 'count'
