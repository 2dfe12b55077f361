-- One row per weighting scheme, area (city or ward), window and offence group: recorded offences
-- and their weighted harm. Empty unless the partnership supplies weights.
-- Source of the method: Sherman L, Neyroud PW, Neyroud E. The Cambridge Crime Harm Index.
-- Policing 10
-- (2016). Proactive offences are kept apart, because they count police activity.
with
    weights as (
        select scheme, ho_code, weight
        from {{ ref("stg_reference__harm_weights") }}
        where reject_reason is null
        -- A later edition of a scheme replaces the earlier one whole: no offence is weighed twice.
        qualify dense_rank() over (partition by scheme order by as_at desc, edition desc) = 1
    ),

    -- Only windows whose every month was delivered.
    complete as (
        select
            periods.period_type,
            periods.period_start,
            periods.period_end,
            periods.strategy_year,
            {{ is_latest("periods.period_start", ["periods.period_type"]) }} as is_latest
        from {{ ref("dim_period") }} as periods
        inner join
            {{ ref("int_feed_month") }} as feed_month
            on feed_month.feed = 'police/recorded_crime'
            and feed_month.state = 'delivered'
            and feed_month.month_start between periods.period_start and periods.period_end
        where
            periods.period_type
            in ('quarter', 'strategy_year', 'calendar_year', 'year_to_date', 'rolling_12m')
        group by
            periods.period_type,
            periods.period_start,
            periods.period_end,
            periods.strategy_year,
            periods.months
        having count(*) = periods.months
    ),

    windows as (select * from complete where {{ is_window_of_places("complete") }}),

    offences as (
        select
            members.area_type,
            members.area_code,
            windows.period_type,
            windows.period_start,
            windows.period_end,
            windows.strategy_year,
            windows.is_latest,
            crimes.offence_group,
            crimes.ho_code,
            count(*) as offences
        from {{ ref("stg_police__recorded_crime") }} as crimes
        inner join
            windows on crimes.period_month between windows.period_start and windows.period_end
        inner join {{ ref("int_place") }} as place on place.place_code = crimes.lsoa_code
        inner join {{ ref("int_area_member") }} as members on members.unit_code = place.unit_code
        where crimes.reject_reason is null and members.area_type in ('city', 'ward')
        group by all
    ),

    weighed as (
        select
            weights.scheme,
            offences.area_type,
            offences.area_code,
            offences.period_type,
            offences.period_start,
            offences.period_end,
            offences.strategy_year,
            offences.is_latest,
            offences.offence_group,
            sum(offences.offences) as offences,
            steady_sum(offences.offences * weights.weight) as harm
        from offences
        inner join weights on weights.ho_code = offences.ho_code
        group by all
    )

select
    cast(weighed.scheme as varchar) as harm_scheme,
    cast(weighed.area_type as varchar) as area_type,
    cast(weighed.area_code as varchar) as area_code,
    cast(areas.area_name as varchar) as area_name,
    cast(weighed.period_type as varchar) as period_type,
    cast(weighed.period_start as date) as period_start,
    cast(weighed.period_end as date) as period_end,
    cast(weighed.strategy_year as varchar) as strategy_year,
    cast(weighed.is_latest as boolean) as is_latest,
    cast(weighed.offence_group as varchar) as offence_group,
    cast(
        weighed.offence_group in ('Drug offences', 'Possession of weapons offences') as boolean
    ) as is_proactive,
    cast(weighed.offences as bigint) as "count",
    cast(weighed.harm as double) as harm,
    cast(
        weighed.harm / sum(steady(weighed.harm)) over (
            partition by
                weighed.scheme,
                weighed.area_type,
                weighed.area_code,
                weighed.period_type,
                weighed.period_start
        ) as double
    ) as share_of_harm,
    cast(run.is_synthetic as boolean) as is_synthetic
from weighed
inner join
    {{ ref("dim_area") }} as areas
    on areas.area_type = weighed.area_type
    and areas.area_code = weighed.area_code
cross join {{ source("manifest", "run") }} as run
order by harm_scheme, area_type, area_code, period_type, period_start, offence_group
