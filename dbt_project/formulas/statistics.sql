-- The formulas of the field, once: the marts, disclosure control and its audit call these. A name
-- without arguments that is not defined here is a threshold
-- (seeds/register/threshold_register.csv).
-- Limits of a Poisson count by Byar's method at a normal point `z`; null where the count is not
-- known. Source: Breslow NE, Day NE. Statistical Methods in Cancer Research, vol. II (IARC, 1987),
-- p. 69; the method of the Office for Health Improvement and Disparities for counts and rates.
create or replace temp macro byar_lower(n, z) as
    case
        when n is null
        then null
        when n = 0
        then 0.0
        else n * pow(greatest(1 - 1.0 / (9 * n) - z / (3 * sqrt(n)), 0), 3)
    end
;
create or replace temp macro byar_upper(n, z) as
    (n + 1) * pow(1 - 1.0 / (9 * (n + 1)) + z / (3 * sqrt(n + 1)), 3)
;

-- Limits of a Poisson count at the confidence level: exact below ten events, Byar's from there on,
-- as the Office for Health Improvement and Disparities has them (PHEindicatormethods: byars_lower).
create or replace temp macro count_lower(n) as
    case
        when n >= len(exact_lowers()) or n <> floor(n)
        then byar_lower(n, confidence_normal_point())
        else exact_lowers()[cast(n as bigint) + 1]
    end
;
create or replace temp macro count_upper(n) as
    case
        when n >= len(exact_uppers()) or n <> floor(n)
        then byar_upper(n, confidence_normal_point())
        else exact_uppers()[cast(n as bigint) + 1]
    end
;

-- 95 % limits of a proportion of `n` by Wilson's method, as a share of 1; null where the number or
-- its base is not known, or the base is zero. greatest() and least() pass over nulls, so an
-- unknown share would have limits.
-- Source: Wilson EB. J Am Stat Assoc 22 (1927) 209–212, score limits without continuity
-- correction.
create or replace temp macro wilson_lower(x, n) as
    case
        when x is not null and n > 0
        then
            greatest(
                (
                    2 * x
                    + pow(confidence_normal_point(), 2)
                    - confidence_normal_point()
                    * sqrt(pow(confidence_normal_point(), 2) + 4 * x * (1 - x / n))
                )
                / (2 * (n + pow(confidence_normal_point(), 2))),
                0
            )
    end
;
create or replace temp macro wilson_upper(x, n) as
    case
        when x is not null and n > 0
        then
            least(
                (
                    2 * x
                    + pow(confidence_normal_point(), 2)
                    + confidence_normal_point()
                    * sqrt(pow(confidence_normal_point(), 2) + 4 * x * (1 - x / n))
                )
                / (2 * (n + pow(confidence_normal_point(), 2))),
                1
            )
    end
;

-- A rate per so many people, and its 95 % limits: Wilson's where it is a share of a base, else
-- those
-- of a count.
create or replace temp macro rate_of(n, people, per) as
    cast(n * per / nullif(people, 0) as double)
;
create or replace temp macro rate_lower_of(n, people, per, is_share) as
    cast(
        case
            when is_share
            then per * wilson_lower(n, people)
            else count_lower(n) * per / nullif(people, 0)
        end as double
    )
;
create or replace temp macro rate_upper_of(n, people, per, is_share) as
    cast(
        case
            when is_share
            then per * wilson_upper(n, people)
            else count_upper(n) * per / nullif(people, 0)
        end as double
    )
;

-- The change against the period before, in per cent; null where both together are too few.
create or replace temp macro change_percent_of(now, before) as
    cast(
        case
            when now + before >= minimum_base() then 100.0 * (now - before) / nullif(before, 0)
        end as double
    )
;

-- The share of cases in which chance makes as much of nothing: below it a test finds something.
create or replace temp macro significance() as 1 - confidence_percent() / 100
;

-- Whether two counts of equally long periods differ by more than chance: z = (a - b) / √(a + b),
-- two-sided. Null where a count is missing or both together are too few to judge. Only for feeds
-- that come once a year: how far such a series scatters is unknown, and where it scatters by more
-- than chance, this finds too many changes. Series of months and quarters have `paired_change`.
-- Source: Przyborowski J, Wilenski H. Biometrika 31 (1940), normal approximation.
create or replace temp macro counts_tail(a, b) as
    case when a + b >= minimum_base() then normal_tail((a - b) / sqrt(a + b)) end
;
create or replace temp macro counts_differ(a, b) as counts_tail(a, b) < significance()
;

-- Whether two proportions differ by more than chance: the pooled two-proportion z test, two-sided.
-- Null where either base is too small.
-- Source: Altman DG. Practical Statistics for Medical Research (1991), 10.3.
create or replace temp macro shares_tail(x1, n1, x2, n2) as
    case
        when n1 is null or n2 is null
        then null
        when n1 < minimum_base() or n2 < minimum_base()
        then null
        when x1 + x2 in (0, n1 + n2)
        then 1.0
        else
            normal_tail(
                (x1 / n1 - x2 / n2)
                / sqrt(
                    ((x1 + x2) / (n1 + n2))
                    * (1 - (x1 + x2) / (n1 + n2))
                    * (1.0 / n1 + 1.0 / n2)
                )
            )
    end
;
create or replace temp macro shares_differ(x1, n1, x2, n2) as
    shares_tail(x1, n1, x2, n2) < significance()
;

-- Whether our count and another source's agree: within a share of theirs, or within a few.
create or replace temp macro counts_agree(ours, theirs) as
    abs(ours - theirs)
    <= greatest(external_tolerance_percent() * theirs / 100, external_tolerance_count())
;

-- Limits of an individuals chart (XmR) about its centre; a count is never below zero.
-- Source: Wheeler DJ. Understanding Variation (1993).
create or replace temp macro chart_lower(centre, moving_range) as
    greatest(0, centre - chart_width() * moving_range)
;
create or replace temp macro chart_upper(centre, moving_range) as
    centre + chart_width() * moving_range
;

-- A small whole number as a sentence has it, for the names of signals.
create or replace temp macro in_words(number) as
    coalesce(
        [
            'one',
            'two',
            'three',
            'four',
            'five',
            'six',
            'seven',
            'eight',
            'nine',
            'ten',
            'eleven',
            'twelve'
        ][cast(number as bigint)],
        cast(cast(number as bigint) as varchar)
    )
;
