-- One row per measure, area and period: the number, what it is over, or why it is not known.
-- A feed whose contract says that its rows have no rate has none, whatever the register names.
{%- set without_rates = all_feeds_without_rates() %}
with
    measures as (
        select
            measure_id,
            method,
            case
                when source_feed in ('{{ without_rates | join("', '") }}')
                then 'none'
                else denominator
            end as denominator
        from {{ ref("measure_register") }}
    ),

    -- The mid-year of the strategy year that the period begins in.
    periods as (
        select
            period_type,
            period_start,
            period_end,
            year(period_start) - case when month(period_start) < 4 then 1 else 0 end as mid_year
        from {{ ref("dim_period") }}
    ),

    -- The estimate of that year; the last one before where there is none, and the first there is
    -- where the series begins later. Its year stands beside every rate.
    estimate_years as (
        select
            wanted.mid_year as wanted_year,
            estimates.denominator,
            coalesce(
                max(estimates.mid_year) filter (where estimates.mid_year <= wanted.mid_year),
                min(estimates.mid_year)
            ) as mid_year
        from (select distinct mid_year from periods) as wanted
        cross join
            (select distinct denominator, mid_year from {{ ref("int_denominator") }}) as estimates
        group by wanted.mid_year, estimates.denominator
    ),

    counted as (
        select
            measures.measure_id,
            measures.method,
            areas.area_type,
            areas.area_code,
            areas.area_name,
            periods.period_type,
            periods.period_start,
            periods.period_end,
            coalesce(
                measure_period.missing_reason,
                case when sums.unknown_rows > 0 then 'suppressed_by_source' end
            ) as missing_reason,
            measure_period.rows_left_out,
            sums.event_count,
            case
                when measures.method = 'proportion'
                then coalesce(sums.base_count, 0)
                else denominators.people
            end as people,
            case when measures.method <> 'proportion' then denominators.mid_year end as mid_year
        from measures
        inner join {{ ref("int_measure_area") }} as areas on areas.measure_id = measures.measure_id
        inner join
            {{ ref("int_measure_period") }} as measure_period
            on measure_period.measure_id = measures.measure_id
        inner join
            periods
            on periods.period_type = measure_period.period_type
            and periods.period_start = measure_period.period_start
        left join
            {{ ref("int_measure_sum") }} as sums
            on sums.measure_id = measures.measure_id
            and sums.area_type = areas.area_type
            and sums.area_code = areas.area_code
            and sums.period_type = measure_period.period_type
            and sums.period_start = measure_period.period_start
        left join
            estimate_years
            on estimate_years.denominator = measures.denominator
            and estimate_years.wanted_year = periods.mid_year
        left join
            {{ ref("int_denominator") }} as denominators
            on denominators.area_type = areas.area_type
            and denominators.area_code = areas.area_code
            and denominators.denominator = measures.denominator
            and denominators.mid_year = estimate_years.mid_year
    ),

    published as (
        select
            figures.measure_id,
            'published' as method,
            'city' as area_type,
            area.area_code,
            area.area_name,
            figures.period_type,
            figures.period_start,
            figures.period_end,
            figures.missing_reason,
            cast(null as bigint) as rows_left_out,
            figures.event_count,
            figures.people,
            cast(null as integer) as mid_year,
            figures.rate,
            figures.rate_lower,
            figures.rate_upper
        from {{ ref("int_published_figure") }} as figures
        cross join {{ ref("int_area") }} as area
    )

select
    measure_id,
    method,
    area_type,
    area_code,
    area_name,
    period_type,
    period_start,
    period_end,
    missing_reason,
    rows_left_out,
    -- Zero only where every month was delivered; otherwise the number is not known.
    case when missing_reason is null then coalesce(event_count, 0) end as event_count,
    -- A share whose base is not known has none; a population is known whatever was delivered.
    case when missing_reason is null or method <> 'proportion' then people end as people,
    mid_year,
    cast(null as double) as rate,
    cast(null as double) as rate_lower,
    cast(null as double) as rate_upper
from counted
union all
select
    measure_id,
    method,
    area_type,
    area_code,
    area_name,
    period_type,
    period_start,
    period_end,
    missing_reason,
    rows_left_out,
    event_count,
    people,
    mid_year,
    rate,
    rate_lower,
    rate_upper
from published
