-- One row per cell of a profile: the figure that it divides, whether a reader has that
-- exactly, and whether it is too few for the whole profile. Few is at most a small count
-- for each value: then most values are small, and the figure alone decides, so that nothing
-- follows from being hidden.
select
    p.cell,
    whole.value_count,
    whole.is_exact,
    whole.reason is not null
    or whole.value_count
    between 1 and p.suppress_to
    * (
        count(*) filter (where p.area_code <> '') over (partition by whole.cell, p.area_type)
    ) as is_few
from cell as p
cross join city
inner join
    cell as whole
    on whole.cell = cell_of(p.measure_id, 'city', city.area_code, p.period_type, p.period_start)
where is_profile(p.area_type)
