-- A made-up year of anti-social behaviour case reviews: two to six applications, of which most
-- meet the threshold. Now and then a review is carried out below it, and the notes say so.
-- Round figures; nobody's statistics.
with
    received as (
        select
            period as year_label,
            2 + floor(5 * u(1, 'applications'))::integer as applications,
            floor(3 * u(1, 'threshold'))::integer as threshold_not_met,
            u(1, 'below') < 0.4 as is_below
        from asked
    ),
    reviewed as (
        select
            *,
            is_below and threshold_not_met > 0 as has_one_below,
            applications
            - threshold_not_met
            + (is_below and threshold_not_met > 0)::integer as reviews_carried_out
        from received
    )
select
    year_label,
    applications,
    threshold_not_met,
    reviews_carried_out,
    round(reviews_carried_out * (0.3 + 0.6 * u(1, 'recommendations')))::integer
    as reviews_with_recommendations,
    case
        when has_one_below then 'One review was carried out although the threshold was not met.'
    end as notes
from reviewed
