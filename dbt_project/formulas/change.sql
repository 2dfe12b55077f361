-- The change between two spans of equally many months, each paired with the same one a year
-- before: the season goes, and how far the pairs scatter about the common ratio says how far counts
-- of this series scatter (`dispersion`, φ; 1 is that of chance alone, Poisson). `pairs_of` names a
-- table with series, now and before, one row per pair of months (or quarters).
-- One row per series with a pair of which both are known.
-- t = (A − B) / √(φ · (A + B)) against Student's t with pairs − 1 degrees of freedom; the limits
-- are
-- those changes that the same test would not reject. Source of φ: McCullagh P, Nelder JA.
-- Generalized Linear Models (1989), 4.5.2 and 6.2.3. It is never taken to be less than 1, nor
-- less than by the pairs' plain differences: Pearson's sum makes little of a burst in one month.
create or replace temp macro paired_change(pairs_of) as table (
    with
        summed as (
            select
                series,
                count(*) as pairs,
                cast(sum(now) as double) as a,
                cast(sum(before) as double) as b,
                steady_sum(
                    case when now + before > 0 then now * now / cast(now + before as double) end
                ) as aa,
                steady_sum(
                    case when now + before > 0 then now * before / cast(now + before as double) end
                ) as ab,
                steady_sum(
                    case
                        when now + before > 0 then before * before / cast(now + before as double)
                    end
                ) as bb,
                cast(sum(now * now) as double) as now_squared,
                cast(sum(now * before) as double) as product,
                cast(sum(before * before) as double) as before_squared,
                (
                    sum(pow(now - before, 2))
                    - pow(cast(sum(now - before) as double), 2) / count(*)
                )
                / nullif(count(*) - 1, 0) as spread
            from query_table(pairs_of)
            where now is not null and before is not null
            group by series
        ),

        scattered as (
            select
                *,
                case
                    when pairs < 2 or a + b = 0
                    then null
                    -- With nothing on one side there is no ratio.
                    when a = 0 or b = 0
                    then greatest(1, pairs * spread / (a + b))
                    else
                        greatest(
                            1,
                            (aa * b / a - 2 * ab + bb * a / b) / (pairs - 1),
                            pairs
                            * (
                                now_squared * b / a
                                - 2 * product
                                + before_squared * a / b
                            )
                            / ((pairs - 1) * (a + b))
                        )
                end as dispersion
            from summed
        ),

        judged as (
            select
                *,
                case
                    when pairs < minimum_pairs()
                    then 'too_few_pairs'
                    when a + b < 2 * pairs * minimum_paired_mean()
                    then 'base_too_small'
                end as not_judged_because,
                pow(student_points()[cast(pairs - 1 as bigint)], 2) * dispersion * (a + b) as reach
            from scattered
        )

    select
        series,
        pairs,
        a as now,
        b as before,
        dispersion,
        case
            when not_judged_because is null
            then student_tail((a - b) / sqrt(dispersion * (a + b)), pairs - 1)
        end as p_value,
        case
            when not_judged_because is null and b > 0
            then
                100
                * (
                    (
                        2 * a * b
                        + reach
                        - sqrt(greatest(pow(2 * a * b + reach, 2) - pow(2 * a * b, 2), 0))
                    )
                    / (2 * b * b)
                    - 1
                )
        end as change_lower,
        case
            when not_judged_because is null and b > 0
            then
                100
                * (
                    (
                        2 * a * b
                        + reach
                        + sqrt(greatest(pow(2 * a * b + reach, 2) - pow(2 * a * b, 2), 0))
                    )
                    / (2 * b * b)
                    - 1
                )
        end as change_upper,
        not_judged_because
    from judged
)
;
