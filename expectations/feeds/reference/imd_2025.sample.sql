-- Made-up deprivation of the area's own LSOAs, in the publisher's layout: ranks out of 33,755, most
-- of them in the deprived half, with deciles and scores that follow from the ranks. The real file
-- ranks these places otherwise. Round figures; nobody's statistics.
with
    placed as (
        select lsoa_2021_code, power(always_u(lsoa_2021_code, 'deprivation'), 1.8) as overall
        from lsoa
    ),
    ranked as (
        select
            lsoa_2021_code,
            list_transform(
                [
                    overall,
                    0.8 * overall + 0.2 * always_u(lsoa_2021_code, 'income'),
                    0.8 * overall + 0.2 * always_u(lsoa_2021_code, 'employment'),
                    0.7 * overall + 0.3 * always_u(lsoa_2021_code, 'education'),
                    0.7 * overall + 0.3 * always_u(lsoa_2021_code, 'health'),
                    0.6 * overall + 0.4 * always_u(lsoa_2021_code, 'crime'),
                    always_u(lsoa_2021_code, 'housing'),
                    0.3 * overall + 0.7 * always_u(lsoa_2021_code, 'environment')
                ],
                share -> 1 + floor(share * 33755)
            ) as ranks
        from placed
    ),
    scored as (
        select
            *,
            list_transform(ranks, r -> ceil(r * 10 / 33755)) as deciles,
            -- From 0 where least deprived to 1 where most.
            list_transform(ranks, r -> 1 - r / 33756) as heights
        from ranked
    )
select
    lsoa_2021_code,
    deciles[1] as imd_decile,
    deciles[2] as income_decile,
    deciles[3] as employment_decile,
    deciles[4] as education_decile,
    deciles[5] as health_decile,
    deciles[6] as crime_decile,
    deciles[7] as housing_and_services_decile,
    deciles[8] as environment_decile,
    ranks[1] as imd_rank,
    ranks[2] as income_rank,
    ranks[3] as employment_rank,
    ranks[4] as education_rank,
    ranks[5] as health_rank,
    ranks[6] as crime_rank,
    ranks[7] as housing_and_services_rank,
    ranks[8] as environment_rank,
    round(1 + 70 * power(heights[1], 2), 3) as imd_score,
    round(0.01 + 0.5 * power(heights[2], 2), 3) as income_score,
    round(0.01 + 0.4 * power(heights[3], 2), 3) as employment_score,
    round(0.1 + 75 * power(heights[4], 2), 3) as education_score,
    round(5 * (heights[5] - 0.5), 3) as health_score,
    round(5 * (heights[6] - 0.5), 3) as crime_score,
    round(2 + 50 * power(heights[7], 2), 3) as housing_and_services_score,
    round(1 + 60 * power(heights[8], 2), 3) as environment_score
from scored
order by lsoa_2021_code
