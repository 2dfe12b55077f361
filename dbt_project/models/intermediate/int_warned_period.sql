-- One row per measure and period that a delivery of its feed overlaps which gate 1 warned of.
select
    register.measure_id,
    periods.period_type,
    periods.period_start,
    count(distinct warnings.delivery_id) as warned_deliveries
from {{ ref("int_delivery_warning") }} as warnings
inner join {{ ref("measure_register") }} as register on register.source_feed = warnings.feed
inner join
    {{ ref("dim_period") }} as periods
    on periods.period_start <= warnings.period_end
    and periods.period_end >= warnings.period_start
where warnings.severity = 'warning'
group by register.measure_id, periods.period_type, periods.period_start
