-- One row per measure, area and period with at least one event: the sums of its months, and the
-- last
-- value of a stock.
-- Millions of months are added up by area and period: numbers do what five names would.
with
    members as (
        select
            unit_code,
            area_type,
            area_code,
            dense_rank() over (order by area_type, area_code) as area
        from {{ ref("int_area_member") }}
    ),

    areas as (select distinct area, area_type, area_code from members),

    periods as (
        select
            measure_period.measure_id,
            measure_period.period_type,
            measure_period.period_start,
            measure_period.last_base_month,
            register.method,
            row_number() over (
                order by
                    measure_period.measure_id,
                    measure_period.period_type,
                    measure_period.period_start
            ) as period
        from {{ ref("int_measure_period") }} as measure_period
        inner join
            {{ ref("measure_register") }} as register
            on register.measure_id = measure_period.measure_id
    ),

    period_months as (
        select periods.measure_id, periods.period, months.month_start
        from periods
        inner join
            {{ ref("int_period_month") }} as months
            on months.period_type = periods.period_type
            and months.period_start = periods.period_start
        where periods.method <> 'stock' or periods.last_base_month = months.month_start
    ),

    area_months as (
        select
            counts.measure_id,
            members.area,
            counts.period_month,
            sum(counts.event_count) as event_count,
            sum(counts.base_count) as base_count,
            sum(counts.unknown_rows) as unknown_rows
        from {{ ref("int_measure_count") }} as counts
        inner join members on members.unit_code = counts.unit_code
        group by 1, 2, 3
    ),

    summed as (
        select
            area_months.area,
            period_months.period,
            sum(area_months.event_count) as event_count,
            sum(area_months.base_count) as base_count,
            sum(area_months.unknown_rows) as unknown_rows
        from area_months
        inner join
            period_months
            on period_months.measure_id = area_months.measure_id
            and period_months.month_start = area_months.period_month
        group by 1, 2
    )

select
    periods.measure_id,
    areas.area_type,
    areas.area_code,
    periods.period_type,
    periods.period_start,
    summed.event_count,
    summed.base_count,
    summed.unknown_rows
from summed
inner join areas on areas.area = summed.area
inner join periods on periods.period = summed.period
