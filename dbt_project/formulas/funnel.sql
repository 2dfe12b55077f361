-- Places beside each other: whether a place's count is more or less than its size explains.
-- `points`
-- names a table with family (those that are compared), place, n and expected. One row per point.
-- Limits are exact Poisson limits, interpolated so that a count is beyond a limit exactly where its
-- tail is rarer than the limit allows; where places differ by more than chance throughout, those of
-- the additive random-effects model, if these are wider. Sources: Spiegelhalter DJ. Stat Med 24
-- (2005) 1185–1202 (square root, winsorised scores, φ and τ²;
-- φ is scaled up for what winsorising takes of it, so that chance alone has 1); DerSimonian R,
-- Laird N. Control Clin
-- Trials 7 (1986). Findings allow for the number of places (adjusted_for_many).
create or replace temp macro funnel(points) as table (
    with
        given as (
            select
                family,
                place,
                n,
                cast(expected as double) as expected,
                -- The names of a place and its family are long, and millions of steps would carry
                -- them.
                row_number() over (order by family, place) as point
            from query_table(points)
            where n is not null and expected is not null
        ),

-- Beyond eight standard deviations nothing is left to add.
        steps as (
            select
                point,
                n,
                expected,
                unnest(
                    range(
                        cast(greatest(0, floor(expected - 8 * sqrt(expected) - 8)) as bigint),
                        cast(ceil(expected + 8 * sqrt(expected) + 25) as bigint)
                    )
                ) as k
            from given
            where expected > 0
        ),

        chances as (
            select point, n, k, exp(k * ln(expected) - expected - lgamma(k + 1)) as chance
            from steps
        ),

        added as (
            select
                *,
                sum(chance) over (
                    partition by point order by k rows unbounded preceding
                ) as at_most
            from chances
        ),

        exact as (
            select
                point,
                -- The last count whose lower tail is rarer, and so far on as is left of it.
                coalesce(
                    max(k) filter (where at_most < inner_tail())
                    + (inner_tail() - max(at_most) filter (where at_most < inner_tail()))
                    / min(chance) filter (
                        where at_most >= inner_tail() and at_most - chance < inner_tail()
                    ),
                    0
                ) as low_95,
                coalesce(
                    max(k) filter (where at_most < outer_tail())
                    + (outer_tail() - max(at_most) filter (where at_most < outer_tail()))
                    / min(chance) filter (
                        where at_most >= outer_tail() and at_most - chance < outer_tail()
                    ),
                    0
                ) as low_998,
                -- The last count whose upper tail is not rarer.
                max(k + (1 - at_most + chance - inner_tail()) / chance) filter (
                    where 1 - at_most + chance >= inner_tail() and 1 - at_most < inner_tail()
                ) as high_95,
                max(k + (1 - at_most + chance - outer_tail()) / chance) filter (
                    where 1 - at_most + chance >= outer_tail() and 1 - at_most < outer_tail()
                ) as high_998,
                2 * least(
                    coalesce(max(at_most) filter (where k <= n), 0),
                    1 - coalesce(max(at_most) filter (where k < n), 0)
                ) as p_value
            from added
            group by point
        ),

        scored as (
            select
                given.*,
                2 * (sqrt(n) - sqrt(expected)) as score,
                4 * expected as weight
            from given
        ),

        drawn_in as (
            select
                *,
                least(
                    greatest(score, quantile_cont(score, 0.1) over (partition by family)),
                    quantile_cont(score, 0.9) over (partition by family)
                ) as winsorised
            from scored
        ),

        spread as (
            select
                family,
                count(*) as places,
                -- Of normal scores so drawn in this part of the variance is left.
                avg(steady(winsorised * winsorised)) / 0.6787 as dispersion,
                steady_sum(weight) - steady_sum(weight * weight) / nullif(steady_sum(weight), 0) as room
            from drawn_in
            group by family
        ),

        between_places as (
            select
                *,
                -- Beyond what chance makes of φ: the 95 % point of chi-squared (Wilson, Hilferty).
                dispersion * places > (places - 1)
                * pow(
                    1
                    - 2 / (9 * nullif(places - 1, 0))
                    + 1.644853627 * sqrt(2 / (9 * nullif(places - 1, 0))),
                    3
                ) as differs_throughout,
                greatest(0, (dispersion * places - (places - 1)) / nullif(room, 0)) as tau_squared
            from spread
        ),

        limited as (
            select
                given.*,
                between_places.places,
                between_places.dispersion,
                coalesce(between_places.differs_throughout, false) as differs_throughout,
                if(
                    between_places.differs_throughout, between_places.tau_squared, 0
                ) as tau_squared,
                exact.p_value as exact_p_value,
                coalesce(exact.low_95, 0) as exact_low_95,
                coalesce(exact.high_95, 0) as exact_high_95,
                coalesce(exact.low_998, 0) as exact_low_998,
                coalesce(exact.high_998, 0) as exact_high_998
            from given
            inner join between_places on between_places.family = given.family
            left join exact on exact.point = given.point
        ),

        widened as (
            select
                *,
                sqrt(1 / (4 * nullif(expected, 0)) + tau_squared) as deviation,
                least(
                    exact_low_95,
                    expected * pow(greatest(0, 1 - confidence_normal_point() * deviation), 2)
                ) as low_95,
                greatest(
                    exact_high_95, expected * pow(1 + confidence_normal_point() * deviation, 2)
                ) as high_95,
                least(
                    exact_low_998,
                    expected * pow(greatest(0, 1 - outer_normal_point() * deviation), 2)
                ) as low_998,
                greatest(
                    exact_high_998, expected * pow(1 + outer_normal_point() * deviation, 2)
                ) as high_998
            from limited
        ),

        tested as (
            select
                family,
                place as test,
                case
                    when expected > 0
                    then
                        greatest(
                            least(1, greatest(0, exact_p_value)),
                            if(
                                differs_throughout,
                                normal_tail((sqrt(n / expected) - 1) / deviation),
                                0
                            )
                        )
                end as p_value
            from widened
        ),

        together as (select * from adjusted_for_many('tested'))

    select
        widened.family,
        widened.place,
        widened.n,
        widened.expected,
        if(differs_throughout, low_95, exact_low_95) as low_95,
        if(differs_throughout, high_95, exact_high_95) as high_95,
        if(differs_throughout, low_998, exact_low_998) as low_998,
        if(differs_throughout, high_998, exact_high_998) as high_998,
        widened.dispersion,
        widened.differs_throughout,
        widened.tau_squared,
        together.p_value,
        widened.places,
        together.adjusted,
        case
            when widened.expected <= 0
            then 'within'
            when
                widened.n > if(differs_throughout, high_998, exact_high_998)
                and together.adjusted <= false_discovery_percent() / 100
            then 'above the outer limit'
            when widened.n > if(differs_throughout, high_95, exact_high_95)
            then 'above the inner limit'
            when
                widened.n < if(differs_throughout, low_998, exact_low_998)
                and together.adjusted <= false_discovery_percent() / 100
            then 'below the outer limit'
            when widened.n < if(differs_throughout, low_95, exact_low_95)
            then 'below the inner limit'
            else 'within'
        end as position
    from widened
    left join
        together on together.family = widened.family and together.test = widened.place
)
;
create or replace temp macro inner_tail() as significance() / 2
;
create or replace temp macro outer_tail() as (1 - outer_percent() / 100) / 2
;
