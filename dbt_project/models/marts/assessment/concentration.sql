-- One row per measure and strategy year: how much of the volume lies in the tenth of LSOAs with
-- most
-- of it, and how many of these were in that tenth the year before.
with
    ranked as (
        select
            measure_id,
            strategy_year,
            period_start,
            area_code,
            "count" as event_count,
            is_synthetic,
            row_number() over (
                partition by measure_id, period_start order by "count" desc, area_code
            ) as place,
            count(*) over (partition by measure_id, period_start) as lsoas,
            sum("count") over (
                partition by measure_id, period_start
                order by "count" desc, area_code
                rows between unbounded preceding and current row
            ) as running
        from {{ ref("fct_measure") }}
        where area_type = 'lsoa' and period_type = 'strategy_year' and "count" is not null
    ),

    marked as (select *, place <= ceil(lsoas / 10.0) and event_count > 0 as is_top from ranked),

    summed as (
        select
            marked.measure_id,
            marked.strategy_year,
            marked.period_start,
            max(marked.lsoas) as lsoas,
            sum(marked.event_count) as event_count,
            count(*) filter (where marked.is_top) as top_lsoas,
            sum(marked.event_count) filter (where marked.is_top) as top_count,
            count(*) filter (where marked.is_top and before.is_top) as persistent_lsoas,
            count(before.area_code) > 0 as has_before,
            bool_or(marked.is_synthetic) as is_synthetic
        from marked
        left join
            marked as before
            on before.measure_id = marked.measure_id
            and before.area_code = marked.area_code
            and before.period_start = cast(marked.period_start - interval 1 year as date)
        group by 1, 2, 3
    ),

    halves as (
        select ranked.measure_id, ranked.period_start, min(ranked.place) as lsoas_with_half
        from ranked
        inner join
            summed
            on summed.measure_id = ranked.measure_id
            and summed.period_start = ranked.period_start
        where ranked.running * 2 >= summed.event_count and summed.event_count > 0
        group by 1, 2
    )

select
    cast(summed.measure_id as varchar) as measure_id,
    cast(summed.strategy_year as varchar) as strategy_year,
    cast(summed.event_count as bigint) as "count",
    cast(summed.lsoas as integer) as lsoas,
    cast(summed.top_lsoas as integer) as top_lsoas,
    cast(
        summed.top_count / nullif(cast(summed.event_count as double), 0) as double
    ) as share_in_top_tenth,
    cast(halves.lsoas_with_half as integer) as lsoas_with_half,
    cast(
        case when summed.has_before then summed.persistent_lsoas end as integer
    ) as persistent_lsoas,
    cast(
        case
            when summed.has_before
            then summed.persistent_lsoas / nullif(cast(summed.top_lsoas as double), 0)
        end as double
    ) as persistence,
    cast(summed.is_synthetic as boolean) as is_synthetic
from summed
left join
    halves on halves.measure_id = summed.measure_id and halves.period_start = summed.period_start
order by measure_id, strategy_year
