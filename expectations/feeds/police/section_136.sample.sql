-- A made-up quarter of detentions under section 136: about 45 rows, two in three taken to a
-- health-based place of safety and hardly any to a police station.
-- Round figures; nobody's statistics.
select
    ref('police/section_136', n) as detention_ref,
    "at" as detained_at,
    weighted(
        ['health_based', 'emergency_department', 'police_station', 'other'], [66, 30, 1, 3], u1
    ) as place_of_safety,
    weighted(['0-17', '18-34', '35-64', '65+'], [5, 42, 48, 5], u2) as age_band,
    weighted(
        ['white', 'asian', 'black', 'mixed', 'other', 'not_stated'], [74, 9, 5, 3, 2, 7], u3
    ) as ethnicity_group,
    if(u4 < 0.06, 'NA', printf('%.1f', 1.5 + 21 * u5 * u5 + 2 * u6)) as hours_to_assessment,
    weighted(['ambulance', 'police_vehicle', 'other', 'not_known'], [48, 46, 3, 3], u7)
    as conveyance
from draw('police/section_136', 15, 'domestic')
order by detained_at, detention_ref
