-- One row per measure, area and period with at least one event: the sums of its months, and the
-- last
-- value of a stock.
with
    area_months as (
        select
            counts.measure_id,
            register.method,
            members.area_type,
            members.area_code,
            counts.period_month,
            sum(counts.event_count) as event_count,
            sum(counts.base_count) as base_count,
            sum(counts.unknown_rows) as unknown_rows
        from {{ ref("int_measure_count") }} as counts
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = counts.measure_id
        inner join {{ ref("int_area_member") }} as members on members.unit_code = counts.unit_code
        group by 1, 2, 3, 4, 5
    )

select
    area_months.measure_id,
    area_months.area_type,
    area_months.area_code,
    period_months.period_type,
    period_months.period_start,
    sum(area_months.event_count) as event_count,
    sum(area_months.base_count) as base_count,
    sum(area_months.unknown_rows) as unknown_rows
from area_months
inner join
    {{ ref("int_period_month") }} as period_months
    on period_months.month_start = area_months.period_month
inner join
    {{ ref("int_measure_period") }} as measure_period
    on measure_period.measure_id = area_months.measure_id
    and measure_period.period_type = period_months.period_type
    and measure_period.period_start = period_months.period_start
    and (area_months.method <> 'stock' or measure_period.last_base_month = area_months.period_month)
group by 1, 2, 3, 4, 5
