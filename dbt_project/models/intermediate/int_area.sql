-- One row per partnership served (there is one): its area, and whether the delivered lookup knows
-- the whole country's LSOAs.
select
    run.area_code,
    partnership.area_name,
    partnership.csp_code,
    exists (
        select 1 from {{ ref("int_lsoa_code") }} as codes where codes.district_code <> run.area_code
    ) as knows_every_lsoa
from {{ source("manifest", "run") }} as run
inner join {{ ref("partnerships") }} as partnership on partnership.area_code = run.area_code
