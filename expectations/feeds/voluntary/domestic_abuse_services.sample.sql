-- A made-up quarter of six commissioned domestic abuse services: about 1,300 referrals, a third of
-- them from the police, and some 100 requests for safe accommodation, two in five of them refused.
-- Round figures; nobody's statistics.
with
    service(nth, service, from_police, from_others, requests, refused) as (
        values
            (1, 'independent_domestic_violence_adviser', 62, 34, null, null),
            (2, 'outreach', 34, 66, null, null),
            (3, 'helpline', 6, 150, null, null),
            (4, 'children_and_young_people', 16, 28, null, null),
            (5, 'refuge', 5, 13, 22, 0.46),
            (6, 'dispersed_accommodation', 3, 8, 11, 0.34)
    ),
    -- Means are of a month in which nothing stirs.
    counted as (
        select
            *,
            chance(expected(from_police, 'domestic'), u(nth, 'police')) as police,
            chance(expected(from_others, 'domestic'), u(nth, 'others')) as others,
            chance(expected(requests, 'domestic'), u(nth, 'requests')) as asked_for
        from service
    )
select
    service,
    police as referrals_from_police,
    others as referrals_from_others,
    coalesce(asked_for::varchar, 'n/a') as accommodation_requests,
    coalesce(
        round(asked_for * (refused - 0.08 + 0.16 * u(nth, 'refused')))::bigint::varchar, 'n/a'
    ) as accommodation_refused
from counted
order by nth
