-- A made-up quarter of collisions with injury: about 110 rows and 140 casualties, one in five
-- collisions serious. Drink-drivers follow the city's nights of drink. 2 % have no ward, 1 % lie
-- next door, 2 % have no time. Round figures; nobody's statistics.
with
    event as (
        select *, 'plain' as theme, u1 < 0.01 as is_drink_drive
        from draw('council/road_traffic_collisions', 34, 'plain')
        union all
        select *, 'alcohol' as theme, u1 < 0.8 as is_drink_drive
        from draw('council/road_traffic_collisions', 2.8, 'alcohol')
    ),
    hurt as (
        select
            *,
            weighted(['slight', 'serious', 'killed'], [800, 190, 10], u2) as worst,
            weighted([0, 1, 2, 3], [76, 17, 5, 2], u3) as others_slight,
            u4 < 0.11 as is_child
        from event
    )
select
    ref('council/road_traffic_collisions/' || theme, n) as collision_ref,
    day as occurred_on,
    if(u5 >= 0.02, "at"::time, null) as occurred_time,
    (worst = 'killed' and not is_child)::integer as adults_killed,
    (worst = 'serious' and not is_child)::integer as adults_serious,
    (worst = 'slight' and not is_child)::integer + if(u6 < 0.85, others_slight, 0) as adults_slight,
    (worst = 'killed' and is_child)::integer as children_killed,
    (worst = 'serious' and is_child)::integer as children_serious,
    (worst = 'slight' and is_child)::integer + if(u6 < 0.85, 0, others_slight) as children_slight,
    if(is_drink_drive, 'Y', 'N') as drink_drive,
    ward_as_recorded(ward_code, u7, unplaced := 0.02, outside := 0.01) as ward_code
from hurt
order by occurred_on, collision_ref
