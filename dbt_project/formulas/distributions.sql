-- A number as a sum takes it: to nine decimals, exactly. Sums of floating point numbers depend on
-- the order of the rows, and a night of the same deliveries has to give the same figures.
create or replace temp macro steady(x) as cast(x as decimal(38, 9))
;
create or replace temp macro steady_sum(x) as cast(sum(steady(x)) as double)
;

-- Tail probabilities, in one place. `exact_lowers()`, `exact_uppers()` and `student_points()` are
-- lists of exact quantiles at the levels of the register (core/formulas.py).
-- Two-sided probability of a standard normal score at least so far from 0; relative error below
-- 1.2e-7. Source: Press WH et al. Numerical Recipes, 3rd ed. (2007), 6.2.2.
create or replace temp macro normal_tail(z) as
    list_transform(
        [1 / (1 + 0.5 * abs(z) / sqrt(2))],
        lambda t: t * exp(
            - z * z / 2
            - 1.26551223
            + t * (
                1.00002368
                + t * (
                    0.37409196
                    + t * (
                        0.09678418
                        + t * (
                            -0.18628806
                            + t * (
                                0.27886807
                                + t * (
                                    -1.13520398
                                    + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))
                                )
                            )
                        )
                    )
                )
            )
        )
    )[1]
;
create or replace temp macro normal_below(z) as
    if(z < 0, normal_tail(z) / 2, 1 - normal_tail(z) / 2)
;

-- Two-sided probability of Student's t at least so far from 0, with a whole number of degrees of
-- freedom. Source: Abramowitz M, Stegun I. Handbook of Mathematical Functions (1964), 26.7.3–4.
create or replace temp macro student_tail(t, freedom) as
    greatest(
        0,
        1 - case
            when freedom = 1
            then 2 * atan(abs(t)) / pi()
            when cast(freedom as bigint) % 2 = 1
            then
                2
                / pi()
                * (
                    atan(abs(t) / sqrt(freedom))
                    + abs(t)
                    / sqrt(freedom + t * t)
                    * list_sum(
                        list_transform(
                            range(cast((freedom - 1) / 2 as bigint)),
                            lambda j: exp(
                                j * ln(4)
                                + 2 * lgamma(j + 1)
                                - lgamma(2 * j + 2)
                                + (j + 0.5) * ln(freedom / (freedom + t * t))
                            )
                        )
                    )
                )
            else
                abs(t)
                / sqrt(freedom + t * t)
                * list_sum(
                    list_transform(
                        range(cast(freedom / 2 as bigint)),
                        lambda j: exp(
                            lgamma(2 * j + 1)
                            - 2 * lgamma(j + 1)
                            - j * ln(4)
                            + j * ln(freedom / (freedom + t * t))
                        )
                    )
                )
        end
    )
;

-- Probability that a Poisson count of this mean is at most, or at least, `n`.
create or replace temp macro poisson_at_most(n, mean) as
    case
        when n < 0
        then 0.0
        when mean <= 0
        then 1.0
        else
            least(
                1,
                list_sum(
                    list_transform(
                        -- Beyond forty standard deviations nothing is left to add.
                        range(
                            cast(greatest(0, floor(n - 40 * sqrt(n + 1))) as bigint),
                            cast(n as bigint) + 1
                        ),
                        lambda k: exp(k * ln(mean) - mean - lgamma(k + 1))
                    )
                )
            )
    end
;
create or replace temp macro poisson_at_least(n, mean) as
    case
        when n <= 0
        then 1.0
        when mean <= 0
        then 0.0
        else
            least(
                1,
                list_sum(
                    list_transform(
                        range(cast(n as bigint), cast(ceil(n + 40 * sqrt(n + 1)) as bigint)),
                        lambda k: exp(k * ln(mean) - mean - lgamma(k + 1))
                    )
                )
            )
    end
;

-- The false discovery rate over a family of tests: a finding holds where `adjusted` is at most the
-- share of false findings that is allowed. `tests_of` names a table with family, test and
-- p_value; a
-- test that was not made has no p value and is not counted.
-- Source: Benjamini Y, Hochberg Y. J R Stat Soc B 57 (1995) 289–300.
create or replace temp macro adjusted_for_many(tests_of) as table (
    with
        ordered as (
            select
                family,
                test,
                p_value,
                count(*) over (partition by family) as tests,
                rank() over (partition by family order by p_value) as place
            from query_table(tests_of)
            where p_value is not null
        ),

-- Equal p values share the last of their places.
        placed as (
            select
                *,
                place + count(*) over (partition by family, p_value) - 1 as last_place
            from ordered
        )

    select
        family,
        test,
        p_value,
        tests,
        least(
            1,
            min(p_value * tests / last_place) over (
                partition by family
                order by p_value
                range between current row and unbounded following
            )
        ) as adjusted
    from placed
)
;
