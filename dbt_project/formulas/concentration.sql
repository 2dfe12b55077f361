-- What chance alone would put into the tenth of places with most. `places_of` names a table with
-- family, place, n and expected (the family's total shared out by residents). One row per family.
-- The sum of the `tenth` highest of independent counts is the sum, over k from 1, of how many of
-- them
-- reach k, but at most `tenth` (the number that reach k is taken as normal about its mean).
create or replace temp macro concentrated_by_chance(places_of) as table (
    with
        given as (
            select
                family,
                cast(n as double) as n,
                cast(expected as double) as expected,
                row_number() over (order by family, place) as point
            from query_table(places_of)
        ),

        families as (
            select
                family,
                -- The names of families are long, and millions of steps would carry them.
                min(point) as family_number,
                count(*) as places,
                ceil(count(*) / 10.0) as tenth,
                sum(n) as total,
                count(*) filter (where expected is null or expected <= 0) as without_people,
                steady_sum(pow(n - expected, 2) / nullif(expected, 0)) as scatter
            from given
            group by family
        ),

        steps as (
            select
                families.family_number,
                given.point,
                given.expected,
                -- Beyond eight standard deviations nothing is left to add.
                unnest(
                    range(cast(ceil(given.expected + 8 * sqrt(given.expected) + 12) as bigint))
                ) as k
            from given
            inner join families on families.family = given.family
            where families.without_people = 0 and families.total >= minimum_base()
        ),

        reached as (
            select
                family_number,
                k,
                -- At least k + 1.
                greatest(
                    0,
                    1 - sum(exp(k * ln(expected) - expected - lgamma(k + 1))) over (
                        partition by point order by k rows unbounded preceding
                    )
                ) as chance
            from steps
        ),

        counted as (
            select
                family_number,
                k,
                steady_sum(chance) as usual,
                sqrt(steady_sum(chance * (1 - chance))) as deviation
            from reached
            group by family_number, k
        ),

        summed as (
            select
                families.family,
                steady_sum(
                    case
                        when deviation < 1e-9
                        then least(usual, tenth)
                        else
                            usual
                            - (usual - tenth) * normal_below((usual - tenth) / deviation)
                            - deviation
                            * exp(-pow((usual - tenth) / deviation, 2) / 2)
                            / sqrt(2 * pi())
                    end
                ) as in_top
            from counted
            inner join families on families.family_number = counted.family_number
            group by families.family
        )

    select
        families.family,
        families.places,
        families.total,
        summed.in_top / families.total as chance_share,
        case
            when summed.family is not null
            then families.scatter / nullif(families.places - 1, 0)
        end as dispersion,
        case
            when families.without_people > 0
            then 'no_people'
            when families.total < minimum_base()
            then 'base_too_small'
        end as not_judged_because,
        case
            when summed.family is not null
            then
                -- Beyond the 95 % point of chi-squared (Wilson, Hilferty).
                families.scatter > (families.places - 1)
                * pow(
                    1
                    - 2 / (9 * nullif(families.places - 1, 0))
                    + 1.644853627 * sqrt(2 / (9 * nullif(families.places - 1, 0))),
                    3
                )
        end as is_more_than_chance
    from families
    left join summed on summed.family = families.family
)
;

-- The agreement of two orders that may share ranks: Kendall's τ-b with its interval. `ranks_of`
-- names
-- a table with family, item, first and second; one row per family of at least two items.
-- Not judged where ties leave no room: fewer than half of the pairs are told apart by both orders.
-- Interval: Fieller EC, Hartley HO, Pearson ES. Biometrika 44 (1957) 470–481.
create or replace temp macro rank_agreement(ranks_of) as table (
    with
        ranked as (
            select family, item, first, second
            from query_table(ranks_of)
            where first is not null and second is not null
        ),

        paired as (
            select
                a.family,
                sign(a.first - b.first) as of_first,
                sign(a.second - b.second) as of_second
            from ranked as a
            inner join ranked as b on b.family = a.family and b.item > a.item
        ),

        summed as (
            select
                family,
                count(*) as pairs,
                count(*) filter (where of_first <> 0 and of_second <> 0) as told_apart,
                sum(of_first * of_second)
                / nullif(
                    sqrt(
                        count(*) filter (where of_first <> 0) * cast(
                            count(*) filter (where of_second <> 0) as double
                        )
                    ),
                    0
                ) as tau
            from paired
            group by family
        ),

        items as (select family, count(*) as items from ranked group by family)

    select
        summed.family,
        items.items,
        summed.tau as kendall_tau,
        case
            when items.items <= 4 or abs(summed.tau) >= 1
            then null
            else tanh(atanh(summed.tau) - confidence_normal_point() * sqrt(0.437 / (items.items - 4)))
        end as kendall_lower,
        case
            when items.items <= 4 or abs(summed.tau) >= 1
            then null
            else tanh(atanh(summed.tau) + confidence_normal_point() * sqrt(0.437 / (items.items - 4)))
        end as kendall_upper,
        case
            when summed.told_apart * 2 < summed.pairs
            then 'cannot be judged: ties leave no room to disagree'
            when
                items.items > 4
                and abs(summed.tau) < 1
                and tanh(
                    atanh(summed.tau) - confidence_normal_point() * sqrt(0.437 / (items.items - 4))
                )
                <= 0
                and tanh(
                    atanh(summed.tau) + confidence_normal_point() * sqrt(0.437 / (items.items - 4))
                )
                >= 0
            then 'no clear agreement'
            when items.items <= 4
            then 'cannot be judged: too few are ranked'
            when summed.tau > 0
            then 'the orders agree'
            else 'the orders are opposed'
        end as finding
    from summed
    inner join items on items.family = summed.family
)
;
