-- One row per measure, district of a peer group and window (a quarter, a year of its kind, the year
-- to date, rolling 12 months):
-- rates measured from the same files by the same rules, never imported.
with
    residents as (
        select lsoa.district_code, population.mid_year, sum(population.population) as residents
        from {{ ref("int_population") }} as population
        inner join
            {{ ref("int_lsoa_code") }} as lsoa
            on lsoa.lsoa_code = population.lsoa_2021_code
            and lsoa.mapping = 'code_of_2021'
        group by 1, 2
    ),

    newest_year as (select max(mid_year) as mid_year from residents),

    -- Only periods whose every month was delivered.
    periods as (
        select
            measure_period.measure_id,
            dim_period.*,
            {{
                is_latest(
                    "dim_period.period_start",
                    ["measure_period.measure_id", "dim_period.period_type"],
                )
            }} as is_latest
        from {{ ref("int_measure_period") }} as measure_period
        inner join
            {{ ref("dim_period") }} as dim_period
            on dim_period.period_type = measure_period.period_type
            and dim_period.period_start = measure_period.period_start
        where
            measure_period.missing_reason is null
            -- A measure that is held has published figures of another night: it has no peers.
            and measure_period.measure_id
            not in (select measure_id from {{ ref("int_held_measure") }} where state = 'held')
            and measure_period.period_type
            in ('quarter', 'strategy_year', 'calendar_year', 'year_to_date', 'rolling_12m')
    ),

    counted as (
        select
            counts.measure_id,
            counts.district_code,
            periods.period_type,
            periods.period_start,
            periods.period_end,
            periods.strategy_year,
            periods.is_latest,
            sum(counts.event_count) as event_count
        from {{ ref("int_peer_count") }} as counts
        inner join
            periods
            on periods.measure_id = counts.measure_id
            and counts.period_month between periods.period_start and periods.period_end
        group by all
    ),

    rated as (
        select peers.peer_group, peers.area_name, counted.*, residents.residents, register.rate_per
        from counted
        inner join {{ ref("peer_group") }} as peers on peers.area_code = counted.district_code
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = counted.measure_id
        cross join newest_year
        inner join
            residents
            on residents.district_code = counted.district_code
            and residents.mid_year = least(
                year(counted.period_start)
                - case when month(counted.period_start) < 4 then 1 else 0 end,
                newest_year.mid_year
            )
    )

select
    cast(rated.measure_id as varchar) as measure_id,
    cast(rated.peer_group as varchar) as peer_group,
    cast('district' as varchar) as area_type,
    cast(rated.district_code as varchar) as area_code,
    cast(rated.area_name as varchar) as area_name,
    cast(rated.district_code = area.area_code as boolean) as is_own_area,
    cast(rated.period_type as varchar) as period_type,
    cast(rated.period_start as date) as period_start,
    cast(rated.period_end as date) as period_end,
    cast(rated.strategy_year as varchar) as strategy_year,
    cast(rated.is_latest as boolean) as is_latest,
    cast(rated.event_count as bigint) as "count",
    cast(rated.residents as bigint) as denominator,
    cast(rated.event_count * rated.rate_per / cast(rated.residents as double) as double) as rate,
    rate_lower_of(rated.event_count, rated.residents, rated.rate_per, false) as rate_lower,
    rate_upper_of(rated.event_count, rated.residents, rated.rate_per, false) as rate_upper,
    cast(
        rank() over (
            partition by rated.measure_id, rated.peer_group, rated.period_type, rated.period_start
            order by rated.event_count / cast(rated.residents as double) desc
        ) as integer
    ) as rank_in_group,
    cast(run.is_synthetic as boolean) as is_synthetic
from rated
cross join {{ ref("int_area") }} as area
cross join {{ source("manifest", "run") }} as run
order by measure_id, peer_group, period_type, period_start, rank_in_group
