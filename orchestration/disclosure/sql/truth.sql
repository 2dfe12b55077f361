-- True counts per cell and item.
select
    cell,
    unnest(['count', 'base', 'first', 'rest']) as item,
    unnest([value_count, value_base, value_first, value_base - value_count]) as value,
    is_exact,
    least_width,
    suppress_to
from cell
