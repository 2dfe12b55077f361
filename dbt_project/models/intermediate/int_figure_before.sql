-- One row per measure, area and period of the measures that are held or in doubt: the last
-- published figures that nothing spoke against.
select figures.*, held.state
from {{ source("manifest", "published_figures") }} as figures
inner join
    {{ ref("int_held_measure") }} as held
    on held.measure_id = figures.measure_id
    and held.keeps_figures
