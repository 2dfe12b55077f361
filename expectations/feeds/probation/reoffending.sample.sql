-- A made-up cohort of a quarter: about 900 people of whom three in ten reoffend within a year, each
-- of them some four times and thieves more. Numbers are written with commas.
-- Round figures; nobody's statistics.
with
    agreed(nth, offence_group, usual, share, each) as (
        values
            (1, 'violence', 240, 0.22, 2.6),
            (2, 'sexual', 30, 0.12, 1.8),
            (3, 'robbery', 25, 0.28, 2.9),
            (4, 'acquisitive', 310, 0.52, 6.6),
            (5, 'drugs', 115, 0.20, 2.8),
            (6, 'other', 190, 0.25, 3.0)
    ),
    cohort as (select *, chance(usual, u(nth, 'offenders')) as offenders from agreed),
    reoffending as (
        select *, least(offenders, chance(offenders * share, u(nth, 'reoffenders'))) as reoffenders
        from cohort
    )
select
    offence_group,
    format('{:,}', offenders) as offenders,
    format('{:,}', reoffenders) as reoffenders,
    format(
        '{:,}', reoffenders + chance(reoffenders * (each - 1), u(nth, 'reoffences'))
    ) as reoffences
from reoffending
order by nth
