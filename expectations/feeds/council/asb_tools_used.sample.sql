-- A made-up quarter of anti-social behaviour powers used: about 90 uses and as many warnings.
-- Respect orders begin with the quarter after their commencement, and civil injunctions fall then.
-- Round figures; nobody's statistics.
with
    tool(nth, tool, council, police, landlord) as (
        values
            (1, 'community_protection_warning', 21, 9, 3),
            (2, 'community_protection_notice', 5, 2.5, 0.6),
            (3, 'criminal_behaviour_order', 0.4, 2.2, 0),
            (4, 'civil_injunction', 0.7, 0.5, 1.1),
            (5, 'respect_order', 1.0, 0.6, 0.8),
            (6, 'public_spaces_protection_order_penalty', 9, 1.5, 0),
            (7, 'closure_order', 0.8, 0.9, 0.3),
            (8, 'dispersal', 0, 4.5, 0)
    ),
    in_force as (
        select
            tool.*,
            case
                when tool = 'respect_order' and asked.period_start < date '2026-06-29'
                then 0
                when tool = 'civil_injunction' and asked.period_start >= date '2026-06-29'
                then 0.3
                else 1
            end as share
        from tool
        cross join asked
    )
select
    tool,
    chance(expected(council * share, 'disorder'), u(nth, 'council')) as council_uses,
    chance(expected(police * share, 'disorder'), u(nth, 'police')) as police_uses,
    chance(expected(landlord * share, 'disorder'), u(nth, 'landlord')) as landlord_uses
from in_force
order by nth
