-- A made-up month of emergency department attendances after an assault: about 95, more at weekends
-- and New Year. Most come within hours, some a day or two later; one arrival in a hundred was not
-- kept. Round figures; nobody's statistics.
with
    event as (
        select
            *,
            -- Minutes from the assault to the door.
            case
                when u1 < 0.07 then 1440 + floor(u2 * 2880) else 20 + floor(u2 * u2 * 300)
            end as minutes
        from draw('health/emergency_department_assaults', 95, 'violence')
    )
select
    asked.period_start as period_start,
    asked.period_end as period_end,
    'SYN01' as site_code,
    case when u5 >= 0.01 then "at" end as arrived_at,
    "at" - to_minutes(cast(minutes as bigint)) as assaulted_at,
    weighted(
        ['fist', 'kick', 'blunt_object', 'sharp_object', 'firearm', 'bottle_or_glass', 'other'],
        [52, 9, 8, 9, 1, 6, 15],
        u3
    ) as assault_method,
    weighted(
        ['street', 'licensed_premises', 'home', 'workplace', 'school', 'other'],
        [38, 16, 27, 5, 4, 10],
        u4
    ) as assault_location_type
from event
cross join asked
order by "at", n
