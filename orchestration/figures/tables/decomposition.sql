-- One row per measure that counts events: what the change of the year's count is made of, whole
-- area. `population_part` is what the year before's rate would have added over this year's
-- residents; `coverage_part` is at most what a changed share of rows without a place (which may
-- belong to the area or not) added; `breaks` names what was registered as changing the recording
-- within the two years, which no figure can part; `remainder` is the change without the two parts
-- that are known. Parts are whole events and add up to the change. A part that cannot be said is
-- null, and the column of its name says why.
with
    pairs as (
        select
            now.measure_id,
            measure.feed,
            now.area_code,
            now.period_start,
            now.period_end,
            cast(now.period_start - interval 1 year as date) as before_start,
            now."count",
            before."count" as before_count,
            now.denominator,
            now.denominator_year,
            before.denominator as before_denominator,
            before.denominator_year as before_denominator_year,
            now.previous_count,
            now.change,
            now.comparison_missing_reason
        from marts.fct_measure as now
        inner join marts.dim_measure as measure on measure.measure_id = now.measure_id
        left join
            marts.fct_measure as before
            on before.measure_id = now.measure_id
            and before.area_code = now.area_code
            and before.area_type = now.area_type
            and before.period_type = now.period_type
            and before.period_start = cast(now.period_start - interval 1 year as date)
        where
            now.area_type = 'city'
            and now.period_type = 'strategy_year'
            and now.strategy_year = $year
            and measure.method = 'count'
    ),
    -- Rows of another district are known to be outside the area; those of the other two lines may
    -- be inside.
    without_place as (
        select
            measure_id,
            period_start,
            sum("count") as rows_without_place,
            count(*) = count("count") as is_known
        from marts.fct_measure
        where
            area_type = 'unplaced'
            and period_type = 'strategy_year'
            and area_code in ('NO_LOCATION', 'UNKNOWN_CODE')
        group by measure_id, period_start
    ),
    recorded as (
        select
            pairs.measure_id,
            string_agg(breaks.title, '; ' order by breaks.break_on, breaks.break_id) as breaks
        from pairs
        inner join
            marts.dim_break as breaks
            on (
                breaks.measure_id = pairs.measure_id
                or (breaks.measure_id is null and breaks.feed = pairs.feed)
            )
            and breaks.break_on > pairs.before_start
            and breaks.break_on <= pairs.period_end
        group by pairs.measure_id
    ),
    judged as (
        select
            pairs.*,
            recorded.breaks,
            now.rows_without_place as unplaced,
            before.rows_without_place as before_unplaced,
            case
                when pairs.comparison_missing_reason is not null
                then null
                when pairs.denominator is null or pairs.before_denominator is null
                then 'no_rate'
                when pairs.denominator_year is not distinct from pairs.before_denominator_year
                then 'same_population_estimate'
            end as population_unknown_because,
            case
                when pairs.comparison_missing_reason is not null
                then null
                when now.measure_id is null or before.measure_id is null
                then 'counted_as_a_whole'
                when not now.is_known or not before.is_known
                then 'rows_without_place_not_known'
                when before.rows_without_place + pairs.before_count = 0
                then 'nothing_the_year_before'
            end as coverage_unknown_because
        from pairs
        left join
            without_place as now
            on now.measure_id = pairs.measure_id
            and now.period_start = pairs.period_start
        left join
            without_place as before
            on before.measure_id = pairs.measure_id
            and before.period_start = pairs.before_start
        left join recorded on recorded.measure_id = pairs.measure_id
    ),
    parted as (
        select
            *,
            case
                when comparison_missing_reason is null and population_unknown_because is null
                then round(previous_count * (denominator / cast(before_denominator as double) - 1))
            end as population_part,
            -- This year's rows at the previous year's share of rows with a place, compared with
            -- the rows that were placed.
            case
                when comparison_missing_reason is null and coverage_unknown_because is null
                then
                    round(
                        "count"
                        - ("count" + unplaced)
                        * previous_count
                        / cast(previous_count + before_unplaced as double)
                    )
            end as coverage_part
        from judged
    )
select
    measure_id,
    previous_count,
    "count",
    change,
    cast(population_part as bigint) as population_part,
    cast(coverage_part as bigint) as coverage_part,
    breaks,
    cast(change - coalesce(population_part, 0) - coalesce(coverage_part, 0) as bigint) as remainder,
    comparison_missing_reason as not_decomposed_because,
    population_unknown_because,
    coverage_unknown_because
from parted
order by measure_id
