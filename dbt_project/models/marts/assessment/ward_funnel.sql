-- One row per measure, ward and strategy year: where the ward's rate lies in the funnel around the
-- rate of the whole area.
-- Limits are Poisson limits (Byar) of the count expected at the area's rate, at two levels.
-- Source: Spiegelhalter DJ. Funnel plots for comparing institutional performance. Stat Med 24
-- (2005).
with
    years as (
        select fact.*, register.rate_per
        from {{ ref("fct_measure") }} as fact
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = fact.measure_id
        where
            fact.period_type = 'strategy_year'
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
        from years as ward
        inner join
            years as city
            on city.measure_id = ward.measure_id
            and city.period_start = ward.period_start
            and city.area_type = 'city'
        where ward.area_type = 'ward'
    ),

    limited as (
        select
            *,
            byar_lower(expected_count, confidence_normal_point()) as low_95,
            byar_upper(expected_count, confidence_normal_point()) as high_95,
            byar_lower(expected_count, outer_normal_point()) as low_998,
            byar_upper(expected_count, outer_normal_point()) as high_998
        from expected
    )

select
    cast(measure_id as varchar) as measure_id,
    cast(area_code as varchar) as ward_code,
    cast(area_name as varchar) as ward_name,
    cast(strategy_year as varchar) as strategy_year,
    cast("count" as bigint) as "count",
    cast(denominator as bigint) as denominator,
    cast(rate as double) as rate,
    cast(rate_per * city_count / cast(city_denominator as double) as double) as city_rate,
    cast(rate_per * low_95 / denominator as double) as lower_95,
    cast(rate_per * high_95 / denominator as double) as upper_95,
    cast(rate_per * low_998 / denominator as double) as lower_998,
    cast(rate_per * high_998 / denominator as double) as upper_998,
    cast(
        case
            when "count" > high_998
            then 'above the outer limit'
            when "count" > high_95
            then 'above the inner limit'
            when "count" < low_998
            then 'below the outer limit'
            when "count" < low_95
            then 'below the inner limit'
            else 'within'
        end as varchar
    ) as position,
    cast("count" > high_998 or "count" < low_998 as boolean) as is_outside,
    cast(is_synthetic as boolean) as is_synthetic
from limited
order by measure_id, strategy_year, ward_code
