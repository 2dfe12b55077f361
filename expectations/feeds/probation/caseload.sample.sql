-- A made-up month end of probation: some 2,000 people supervised, and those with a requirement of
-- treatment. Mental health treatment begins from nobody in summer 2023 and stays small, so that the
-- marker for nobody is seen. Round figures; nobody's statistics.
with
    agreed(nth, measure, offence_group, requirement, usual, growth) as (
        values
            (1, 'supervised', 'violence', null, 640, 4.0),
            (2, 'supervised', 'sexual', null, 150, 0.5),
            (3, 'supervised', 'robbery', null, 90, -0.2),
            (4, 'supervised', 'acquisitive', null, 480, -1.5),
            (5, 'supervised', 'drugs', null, 270, 1.0),
            (6, 'supervised', 'other', null, 410, 0.0),
            (7, 'requirement', null, 'alcohol_treatment', 85, 0.8),
            (8, 'requirement', null, 'drug_rehabilitation', 120, 0.4),
            (9, 'requirement', null, 'mental_health_treatment', 0, 0.3)
    ),
    -- A stock moves slowly: a trend, and a few in a hundred up or down.
    stock as (
        select
            agreed.*,
            cast(
                greatest(
                    0,
                    floor(
                        (usual + growth * date_diff('month', date '2023-07-01', asked.period_start))
                        * (0.97 + 0.06 * u(nth, 'people'))
                    )
                ) as bigint
            ) as people_counted
        from agreed
        cross join asked
    )
select
    measure,
    offence_group,
    requirement,
    if(people_counted = 0, '-', cast(people_counted as varchar)) as people
from stock
order by nth
