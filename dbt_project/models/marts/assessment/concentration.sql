-- One row per measure and window: how much of the volume lies in the tenth of LSOAs with
-- most
-- of it, how much chance alone would put there, and how many of these were in that tenth the year
-- before. Which of LSOAs with equal counts stand in the tenth nobody can say: those that are tied
-- at its edge count in its share and in no list.
with
    placed as (
        select
            measure_id,
            period_type,
            period_start,
            period_end,
            strategy_year,
            is_latest,
            area_code,
            "count" as event_count,
            sum("count") over (partition by measure_id, period_type, period_start)
            * denominator
            / nullif(
                cast(
                    sum(denominator) over (
                        partition by measure_id, period_type, period_start
                    ) as double
                ),
                0
            ) as expected,
            is_synthetic,
            row_number() over (
                partition by measure_id, period_type, period_start order by "count" desc, area_code
            ) as place,
            rank() over (partition by measure_id, period_type, period_start order by "count" desc)
            + count(*) over (partition by measure_id, period_type, period_start, "count")
            - 1 as last_place,
            count(*) over (partition by measure_id, period_type, period_start) as lsoas,
            sum("count") over (
                partition by measure_id, period_type, period_start
                order by "count" desc, area_code
                rows between unbounded preceding and current row
            ) as running
        from {{ ref("fct_measure") }} as fact
        where area_type = 'lsoa' and {{ is_window_of_places("fact") }} and "count" is not null
    ),

    marked as (
        select
            *,
            place <= ceil(lsoas / 10.0) and event_count > 0 as in_tenth,
            last_place <= ceil(lsoas / 10.0) and event_count > 0 as is_top
        from placed
    ),

    summed as (
        select
            marked.measure_id,
            marked.period_type,
            marked.period_start,
            marked.period_end,
            marked.strategy_year,
            marked.is_latest,
            max(marked.lsoas) as lsoas,
            sum(marked.event_count) as event_count,
            count(*) filter (where marked.in_tenth) as top_lsoas,
            count(*) filter (where marked.is_top) as named_lsoas,
            sum(marked.event_count) filter (where marked.in_tenth) as top_count,
            count(*) filter (where marked.is_top and before.is_top) as persistent_lsoas,
            count(*) filter (where before.is_top) as named_before,
            count(before.area_code) > 0 as has_before,
            bool_or(marked.is_synthetic) as is_synthetic
        from marked
        left join
            marked as before
            on before.measure_id = marked.measure_id
            and before.area_code = marked.area_code
            and before.period_type = marked.period_type
            and before.period_start = cast(marked.period_start - interval 1 year as date)
        group by 1, 2, 3, 4, 5, 6
    ),

    halves as (
        select
            placed.measure_id,
            placed.period_type,
            placed.period_start,
            min(placed.place) as lsoas_with_half
        from placed
        inner join
            summed
            on summed.measure_id = placed.measure_id
            and summed.period_type = placed.period_type
            and summed.period_start = placed.period_start
        where placed.running * 2 >= summed.event_count and summed.event_count > 0
        group by 1, 2, 3
    ),

    places as (
        select
            {
                'measure_id':measure_id, 'period_type':period_type, 'period_start':period_start
            } as family,
            area_code as place,
            event_count as n,
            expected
        from placed
    ),

    by_chance as (select * from concentrated_by_chance('places'))

select
    cast(summed.measure_id as varchar) as measure_id,
    cast(summed.period_type as varchar) as period_type,
    cast(summed.period_start as date) as period_start,
    cast(summed.period_end as date) as period_end,
    cast(summed.strategy_year as varchar) as strategy_year,
    cast(summed.is_latest as boolean) as is_latest,
    cast(summed.event_count as bigint) as "count",
    cast(summed.lsoas as integer) as lsoas,
    cast(summed.top_lsoas as integer) as top_lsoas,
    cast(
        summed.top_count / nullif(cast(summed.event_count as double), 0) as double
    ) as share_in_top_tenth,
    cast(by_chance.chance_share as double) as share_by_chance,
    cast(by_chance.dispersion as double) as dispersion,
    cast(
        case
            when by_chance.not_judged_because is not null
            then 'cannot be judged'
            when by_chance.is_more_than_chance
            then 'more concentrated than chance'
            else 'no more concentrated than chance'
        end as varchar
    ) as finding,
    cast(by_chance.not_judged_because as varchar) as not_judged_because,
    cast(halves.lsoas_with_half as integer) as lsoas_with_half,
    cast(summed.named_lsoas as integer) as named_lsoas,
    cast(
        case when summed.has_before then summed.persistent_lsoas end as integer
    ) as persistent_lsoas,
    cast(
        case
            when summed.has_before
            then summed.named_lsoas * summed.named_before / nullif(cast(summed.lsoas as double), 0)
        end as double
    ) as persistent_by_chance,
    cast(
        case
            when summed.has_before
            then summed.persistent_lsoas / nullif(cast(summed.named_lsoas as double), 0)
        end as double
    ) as persistence,
    cast(summed.is_synthetic as boolean) as is_synthetic
from summed
left join
    halves
    on halves.measure_id = summed.measure_id
    and halves.period_type = summed.period_type
    and halves.period_start = summed.period_start
left join
    by_chance
    on by_chance.family.measure_id = summed.measure_id
    and by_chance.family.period_type = summed.period_type
    and by_chance.family.period_start = summed.period_start
order by summed.measure_id, summed.period_type, summed.period_start
