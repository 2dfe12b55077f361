-- One row per measure, window and street or LSOA that was hot in at least one quarter of it: how
-- much
-- lies
-- there, in how many quarters it was hot, and how many places chance alone would make persistent.
-- Hot is to be among the tenth of places with most events in a quarter; where the cut would fall
-- among
-- equals, none of them is. By chance means that each quarter's hot places were drawn by lot.
with
    places as (
        select 'lsoa' as place_type, lsoa_2021_code as area_code, lsoa_2021_name as place_name
        from {{ ref("int_lsoa") }}
        union all
        select distinct 'street' as place_type, lsoa_2021_code as area_code, street as place_name
        from {{ ref("int_street_count") }}
    ),

    place_counts as (
        select
            counts.measure_id,
            'lsoa' as place_type,
            lsoa.lsoa_2021_code as area_code,
            lsoa.lsoa_2021_name as place_name,
            counts.period_month,
            counts.event_count
        from {{ ref("int_measure_count") }} as counts
        inner join {{ ref("int_lsoa") }} as lsoa on lsoa.lsoa_2021_code = counts.unit_code
        inner join
            {{ ref("measure_register") }} as register
            on register.measure_id = counts.measure_id
            and register.method = 'count'
            and register.lowest_geography = 'lsoa'
        union all
        select
            measure_id,
            'street' as place_type,
            lsoa_2021_code as area_code,
            street as place_name,
            period_month,
            event_count
        from {{ ref("int_street_count") }}
    ),

    -- Windows of four quarters whose figure is known and believed: a shorter one cannot show that a
    -- place stays hot.
    window_months as (
        select
            fact.measure_id,
            fact.period_type,
            fact.period_start,
            fact.period_end,
            fact.strategy_year,
            fact.is_synthetic,
            fact.is_latest,
            months.month_start,
            cast(
                floor(date_diff('month', fact.period_start, months.month_start) / 3) as integer
            ) as nth_quarter
        from {{ ref("fct_measure") }} as fact
        inner join
            {{ ref("int_profile_window") }} as windows
            on windows.measure_id = fact.measure_id
            and windows.period_type = fact.period_type
            and windows.period_start = fact.period_start
        inner join
            {{ ref("int_period_month") }} as months
            on months.period_type = fact.period_type
            and months.period_start = fact.period_start
        where
            fact.area_type = 'city'
            and fact.missing_reason is null
            and not fact.is_held
            and fact.period_type not in ('month', 'quarter', 'year_to_date')
    ),

    quarter_counts as (
        select
            place_counts.measure_id,
            place_counts.place_type,
            place_counts.area_code,
            place_counts.place_name,
            window_months.period_type,
            window_months.period_start,
            window_months.nth_quarter,
            sum(place_counts.event_count) as event_count
        from place_counts
        inner join
            window_months
            on window_months.measure_id = place_counts.measure_id
            and window_months.month_start = place_counts.period_month
        group by 1, 2, 3, 4, 5, 6, 7
        having sum(place_counts.event_count) > 0
    ),

    numbers as (select place_type, count(*) as places from places group by place_type),

    -- With as many events as this place, so many places or more were at least as busy.
    ranked as (
        select
            quarter_counts.*,
            numbers.places,
            count(*) over (
                partition by
                    quarter_counts.measure_id,
                    quarter_counts.place_type,
                    quarter_counts.period_type,
                    quarter_counts.period_start,
                    quarter_counts.nth_quarter
                order by quarter_counts.event_count desc
            ) as at_least_as_busy
        from quarter_counts
        inner join numbers on numbers.place_type = quarter_counts.place_type
    ),

    hot as (select *, at_least_as_busy * 100 <= hot_place_percent() * places as is_hot from ranked),

    quarters as (
        select
            measure_id,
            place_type,
            period_type,
            period_start,
            nth_quarter,
            sum(case when is_hot then 1 else 0 end) / cast(max(places) as double) as share_hot
        from hot
        group by 1, 2, 3, 4, 5
    ),

    -- The chance of a place to be hot in so many quarters, if each drew its hot places by lot: over
    -- every set of quarters that is large enough.
    subsets as (select cast(unnest(range(16)) as integer) as members),

    lots as (
        select
            quarters.measure_id,
            quarters.place_type,
            quarters.period_type,
            quarters.period_start,
            subsets.members,
            product(
                case
                    when (subsets.members >> quarters.nth_quarter) & 1 = 1
                    then quarters.share_hot
                    else 1 - quarters.share_hot
                end
            ) as chance
        from quarters
        cross join subsets
        group by 1, 2, 3, 4, 5
        having count(*) = 4
    ),

    chances as (
        select
            measure_id,
            place_type,
            period_type,
            period_start,
            steady_sum(
                case when bit_count(members) >= persistent_quarters() then chance end
            ) as chance
        from lots
        group by 1, 2, 3, 4
    ),

    place_windows as (
        select
            measure_id,
            place_type,
            area_code,
            place_name,
            period_type,
            period_start,
            any_value(places) as places,
            sum(event_count) as event_count,
            count(*) filter (where is_hot) as quarters_hot
        from hot
        group by 1, 2, 3, 4, 5, 6
    ),

    compared as (
        select
            *,
            sum(event_count) over whole as event_count_of_all,
            rank() over (
                partition by measure_id, place_type, period_type, period_start
                order by event_count desc
            ) as place_rank,
            sum(case when quarters_hot >= persistent_quarters() then 1 else 0 end) over whole
            as persistent_places
        from place_windows
        window whole as (partition by measure_id, place_type, period_type, period_start)
    ),

    windows as (
        select distinct
            measure_id,
            period_type,
            period_start,
            period_end,
            strategy_year,
            is_latest,
            is_synthetic
        from window_months
    )

select
    cast(compared.measure_id as varchar) as measure_id,
    cast(compared.place_type as varchar) as place_type,
    cast('lsoa' as varchar) as area_type,
    cast(compared.area_code as varchar) as area_code,
    cast(compared.place_name as varchar) as place_name,
    cast(lsoa.ward_code as varchar) as ward_code,
    cast(lsoa.ward_name as varchar) as ward_name,
    cast(compared.period_type as varchar) as period_type,
    cast(compared.period_start as date) as period_start,
    cast(windows.period_end as date) as period_end,
    cast(windows.strategy_year as varchar) as strategy_year,
    cast(windows.is_latest as boolean) as is_latest,
    cast(compared.event_count as bigint) as "count",
    cast(compared.event_count / cast(compared.event_count_of_all as double) as double) as share,
    cast(compared.event_count_of_all / cast(compared.places as double) as double) as even_count,
    cast(compared.place_rank as integer) as place_rank,
    cast(compared.places as integer) as places,
    cast(compared.quarters_hot as integer) as quarters_hot,
    cast(compared.quarters_hot >= persistent_quarters() as boolean) as is_persistent,
    cast(compared.persistent_places as integer) as persistent_places,
    cast(chances.chance * compared.places as double) as persistent_by_chance,
    cast(windows.is_synthetic as boolean) as is_synthetic
from compared
inner join
    windows
    on windows.measure_id = compared.measure_id
    and windows.period_type = compared.period_type
    and windows.period_start = compared.period_start
inner join {{ ref("int_lsoa") }} as lsoa on lsoa.lsoa_2021_code = compared.area_code
left join
    chances
    on chances.measure_id = compared.measure_id
    and chances.place_type = compared.place_type
    and chances.period_type = compared.period_type
    and chances.period_start = compared.period_start
where compared.quarters_hot > 0
order by measure_id, place_type, period_type, period_start, place_rank, area_code, place_name
