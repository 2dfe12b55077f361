-- A made-up quarter of treatment for drugs and alcohol: some 1,950 people in the area and three
-- services whose people add up to more, because some attend two. Below five the source gives `*`,
-- here mostly in the small service and rarely in the area. Round figures; nobody's statistics.
with
    substance(nth, substance_group, people, come, completed, released, engaged) as (
        values
            (1, 'opiate', 1150, 0.08, 0.014, 46, 0.56),
            (2, 'non_opiate', 205, 0.40, 0.12, 23, 0.60),
            (3, 'alcohol', 410, 0.37, 0.13, 24, 0.62),
            (4, 'alcohol_and_non_opiate', 185, 0.35, 0.11, 14, 0.60)
    ),
    service(service_nth, service_name, shares) as (
        values
            (1, 'Synthetic Recovery Service', [0.70, 0.55, 0.62, 0.58]),
            (2, 'Synthetic Community Clinic', [0.36, 0.38, 0.44, 0.43]),
            (3, 'Synthetic Service for Young People', [0.004, 0.16, 0.03, 0.09])
    ),
    treated as (
        select
            substance.*,
            -- Slow growth with a few in a hundred up or down; drinkers come most after New Year.
            round(
                people
                * (1 + 0.01 * date_diff('quarter', date '2023-04-01', asked.period_start))
                * (0.98 + 0.04 * u(nth, 'in treatment'))
            ) as in_treatment,
            if(nth >= 3 and month(asked.period_start) = 1, 1.15, 1) as new_year
        from substance
        cross join asked
    ),
    area_row as (
        select
            *,
            chance(in_treatment * come * new_year, u(nth, 'new')) as new_presentations,
            chance(in_treatment * completed, u(nth, 'completed')) as successful_completions,
            chance(released, u(nth, 'released')) as prison_referred
        from treated
    ),
    level_row as (
        select
            'area' as level,
            0 as service_nth,
            cast(null as varchar) as service_name,
            nth,
            substance_group,
            in_treatment,
            new_presentations,
            successful_completions,
            prison_referred,
            round(prison_referred * (engaged - 0.08 + 0.16 * u(nth, 'engaged'))) as prison_engaged
        from area_row
        union all
        select
            'service',
            service_nth,
            service_name,
            nth,
            substance_group,
            round(in_treatment * shares[nth]),
            round(new_presentations * shares[nth]),
            round(successful_completions * shares[nth]),
            round(prison_referred * shares[nth]),
            round(prison_referred * shares[nth] * engaged)
        from area_row
        cross join service
    )
select
    level,
    service_name,
    substance_group,
    if(in_treatment < 5, '*', cast(cast(in_treatment as bigint) as varchar)) as in_treatment,
    if(
        new_presentations < 5, '*', cast(cast(new_presentations as bigint) as varchar)
    ) as new_presentations,
    if(
        successful_completions < 5, '*', cast(cast(successful_completions as bigint) as varchar)
    ) as successful_completions,
    if(
        prison_referred < 5, '*', cast(cast(prison_referred as bigint) as varchar)
    ) as prison_referred,
    if(prison_engaged < 5, '*', cast(cast(prison_engaged as bigint) as varchar)) as prison_engaged
from level_row
order by service_nth, nth
