-- One row per measure, area and period: the one long fact that all priority marts are cut from.
with
    measures as (select * from {{ ref("dim_measure") }}),

    areas as (select area_type, area_code, area_name from {{ ref("dim_area") }}),

    periods as (select * from {{ ref("dim_period") }}),

    feed_months as (
        select feed, period_month, state, received_at
        from {{ ref("int_feed_period") }}
        where is_expected_part and period_month is not null
    ),

    feeds as (
        select
            feeds.feed,
            feeds.provisional_months,
            max(feed_months.period_month) filter (
                where feed_months.state = 'delivered'
            ) as newest_month,
            cast(max(feed_months.received_at) as date) as data_as_at
        from {{ source("manifest", "feeds") }} as feeds
        left join feed_months on feed_months.feed = feeds.feed
        group by feeds.feed, feeds.provisional_months
    ),

    -- Whether every month of a period was delivered, and if not, why: the worst reason wins.
    period_states as (
        select
            measures.measure_id,
            period_months.period_type,
            period_months.period_start,
            case
                when count(*) filter (where feed_months.state = 'refused') > 0
                then 'refused'
                when count(*) filter (where coalesce(feed_months.state, 'missing') = 'missing') > 0
                then 'not_supplied'
                when count(*) filter (where feed_months.state = 'not_due') > 0
                then 'not_yet_due'
            end as missing_reason
        from measures
        cross join {{ ref("int_period_month") }} as period_months
        left join
            feed_months
            on feed_months.feed = measures.source_feed
            and feed_months.period_month = period_months.month_start
        group by 1, 2, 3
    ),

    area_months as (
        select
            counts.measure_id,
            members.area_type,
            members.area_code,
            counts.period_month,
            sum(counts.event_count) as event_count
        from {{ ref("int_measure_count") }} as counts
        inner join {{ ref("int_area_member") }} as members on members.unit_code = counts.unit_code
        group by 1, 2, 3, 4
    ),

    area_periods as (
        select
            area_months.measure_id,
            area_months.area_type,
            area_months.area_code,
            period_months.period_type,
            period_months.period_start,
            sum(area_months.event_count) as event_count
        from area_months
        inner join
            {{ ref("int_period_month") }} as period_months
            on period_months.month_start = area_months.period_month
        group by 1, 2, 3, 4, 5
    ),

    residents as (
        select
            members.area_type,
            members.area_code,
            population.mid_year,
            sum(population.population) as residents
        from {{ ref("int_area_member") }} as members
        inner join
            {{ ref("int_population") }} as population
            on population.lsoa_2021_code = members.unit_code
        group by 1, 2, 3
    ),

    -- Mid-year of the strategy year that the period begins in; the newest there is, if that is
    -- later.
    period_years as (
        select
            period_type,
            period_start,
            least(
                year(period_start) - case when month(period_start) < 4 then 1 else 0 end,
                (select max(mid_year) from residents)
            ) as mid_year
        from periods
    ),

    counted as (
        select
            measures.measure_id,
            measures.rate_per,
            measures.definition_version,
            measures.source_feed,
            areas.area_type,
            areas.area_code,
            areas.area_name,
            periods.period_type,
            periods.period_start,
            periods.period_end,
            periods.strategy_year,
            period_states.missing_reason,
            -- Zero only where every month was delivered; otherwise the number is not known.
            case
                when period_states.missing_reason is null then coalesce(area_periods.event_count, 0)
            end as event_count,
            residents.residents,
            residents.mid_year
        from measures
        cross join areas
        cross join periods
        inner join
            period_states
            on period_states.measure_id = measures.measure_id
            and period_states.period_type = periods.period_type
            and period_states.period_start = periods.period_start
        inner join
            period_years
            on period_years.period_type = periods.period_type
            and period_years.period_start = periods.period_start
        left join
            area_periods
            on area_periods.measure_id = measures.measure_id
            and area_periods.area_type = areas.area_type
            and area_periods.area_code = areas.area_code
            and area_periods.period_type = periods.period_type
            and area_periods.period_start = periods.period_start
        left join
            residents
            on residents.area_type = areas.area_type
            and residents.area_code = areas.area_code
            and residents.mid_year = period_years.mid_year
    ),

    compared as (
        select
            counted.*, before.event_count as previous_count, window_12m.event_count as rolling_12m
        from counted
        left join
            counted as before
            on before.measure_id = counted.measure_id
            and before.area_type = counted.area_type
            and before.area_code = counted.area_code
            and before.period_type = counted.period_type
            and before.period_start = cast(counted.period_start - interval 1 year as date)
        left join
            counted as window_12m
            on window_12m.measure_id = counted.measure_id
            and window_12m.area_type = counted.area_type
            and window_12m.area_code = counted.area_code
            and window_12m.period_type = 'rolling_12m'
            and window_12m.period_end = counted.period_end
    )

select
    cast(compared.measure_id as varchar) as measure_id,
    cast(compared.area_type as varchar) as area_type,
    cast(compared.area_code as varchar) as area_code,
    cast(compared.area_name as varchar) as area_name,
    cast(compared.period_type as varchar) as period_type,
    cast(compared.period_start as date) as period_start,
    cast(compared.period_end as date) as period_end,
    cast(compared.strategy_year as varchar) as strategy_year,
    cast(compared.event_count as bigint) as "count",
    cast(compared.residents as bigint) as denominator,
    cast(compared.mid_year as integer) as denominator_year,
    compared.event_count * cast(compared.rate_per as double) / compared.residents as rate,
    {{ byar_lower("compared.event_count") }}
    * cast(compared.rate_per as double)
    / compared.residents as rate_lower,
    {{ byar_upper("compared.event_count") }}
    * cast(compared.rate_per as double)
    / compared.residents as rate_upper,
    cast(compared.previous_count as bigint) as previous_count,
    cast(compared.event_count - compared.previous_count as bigint) as change,
    case
        when compared.event_count + compared.previous_count >= {{ var("minimum_base") }}
        then
            100.0
            * (compared.event_count - compared.previous_count)
            / nullif(cast(compared.previous_count as double), 0)
    end as change_percent,
    {{ change_is_significant("compared.event_count", "compared.previous_count") }}
    as change_is_significant,
    cast(compared.rolling_12m as bigint) as rolling_12m,
    cast(compared.missing_reason as varchar) as missing_reason,
    compared.missing_reason is null
    and date_trunc('month', compared.period_end)
    > feeds.newest_month - to_months(feeds.provisional_months) as is_provisional,
    cast(feeds.data_as_at as date) as data_as_at,
    cast(compared.definition_version as integer) as definition_version,
    cast(run.is_synthetic as boolean) as is_synthetic
from compared
inner join feeds on feeds.feed = compared.source_feed
cross join {{ source("manifest", "run") }} as run
order by measure_id, area_type, area_code, period_type, period_start
