-- The rows of profiles that may leave: by a published dimension, of a measure of which more
-- than the year of the whole area may be known.
select p.*
from profiles as p
inner join measure as m on m.measure_id = p.measure_id
where p.is_published and not m.only_years
