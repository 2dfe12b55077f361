-- One row per measure, ward and window: where the ward's rate lies in the funnel around the
-- rate of the whole area (formulas/funnel.sql): exact Poisson limits, widened where wards differ
-- from each other by more than chance throughout.
with
    windows as (
        select fact.*, register.rate_per
        from {{ ref("fct_measure") }} as fact
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = fact.measure_id
        where
            {{ is_window_of_places("fact") }}
            and fact."count" is not null
            and fact.denominator > 0
            and register.method = 'count'
    ),

    expected as (
        select
            ward.*,
            city."count" as city_count,
            city.denominator as city_denominator,
            city."count" * cast(ward.denominator as double) / city.denominator as expected_count
        from windows as ward
        inner join
            windows as city
            on city.measure_id = ward.measure_id
            and city.period_type = ward.period_type
            and city.period_start = ward.period_start
            and city.area_type = 'city'
        where ward.area_type = 'ward'
    ),

    points as (
        select
            {
                'measure_id':measure_id, 'period_type':period_type, 'period_start':period_start
            } as family,
            area_code as place,
            "count" as n,
            expected_count as expected
        from expected
    ),

    judged as (select * from funnel('points'))

select
    cast(expected.measure_id as varchar) as measure_id,
    cast(expected.area_type as varchar) as area_type,
    cast(expected.area_code as varchar) as area_code,
    cast(expected.area_name as varchar) as area_name,
    cast(expected.period_type as varchar) as period_type,
    cast(expected.period_start as date) as period_start,
    cast(expected.period_end as date) as period_end,
    cast(expected.strategy_year as varchar) as strategy_year,
    cast(expected.is_latest as boolean) as is_latest,
    cast(expected."count" as bigint) as "count",
    cast(expected.denominator as bigint) as denominator,
    cast(expected.rate as double) as rate,
    cast(
        expected.rate_per
        * expected.city_count
        / cast(expected.city_denominator as double) as double
    ) as city_rate,
    cast(expected.expected_count as double) as expected_count,
    cast(expected.rate_per * judged.low_95 / expected.denominator as double) as lower_95,
    cast(expected.rate_per * judged.high_95 / expected.denominator as double) as upper_95,
    cast(expected.rate_per * judged.low_998 / expected.denominator as double) as lower_998,
    cast(expected.rate_per * judged.high_998 / expected.denominator as double) as upper_998,
    cast(judged.position as varchar) as position,
    cast(judged.position like '%outer limit' as boolean) as is_outside,
    cast(judged.dispersion as double) as dispersion,
    cast(judged.differs_throughout as boolean) as differs_throughout,
    cast(judged.tau_squared as double) as tau_squared,
    cast(judged.p_value as double) as p_value,
    cast(judged.places as integer) as tests_together,
    cast(judged.adjusted as double) as adjusted_p_value,
    cast(expected.is_synthetic as boolean) as is_synthetic
from expected
inner join
    judged
    on judged.family.measure_id = expected.measure_id
    and judged.family.period_type = expected.period_type
    and judged.family.period_start = expected.period_start
    and judged.place = expected.area_code
order by expected.measure_id, expected.period_type, expected.period_start, expected.area_code
