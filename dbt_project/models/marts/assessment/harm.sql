-- One row per weighting scheme, area (city or ward), strategy year and offence group: recorded
-- offences and their weighted harm. Empty unless the partnership supplies weights.
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

    years as (select strategy_year, starts_on, ends_on from {{ ref("strategy_years") }}),

    -- Only years whose every month was delivered.
    complete as (
        select years.strategy_year, years.starts_on, years.ends_on
        from years
        inner join
            {{ ref("int_feed_month") }} as feed_month
            on feed_month.feed = 'police/recorded_crime'
            and feed_month.state = 'delivered'
            and feed_month.month_start between years.starts_on and years.ends_on
        group by all
        having count(*) = 12
    ),

    offences as (
        select
            members.area_type,
            members.area_code,
            complete.strategy_year,
            crimes.offence_group,
            crimes.ho_code,
            count(*) as offences
        from {{ ref("stg_police__recorded_crime") }} as crimes
        inner join complete on crimes.period_month between complete.starts_on and complete.ends_on
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
            offences.strategy_year,
            offences.offence_group,
            sum(offences.offences) as offences,
            sum(offences.offences * weights.weight) as harm
        from offences
        inner join weights on weights.ho_code = offences.ho_code
        group by all
    )

select
    cast(weighed.scheme as varchar) as scheme,
    cast(weighed.area_type as varchar) as area_type,
    cast(weighed.area_code as varchar) as area_code,
    cast(areas.area_name as varchar) as area_name,
    cast(weighed.strategy_year as varchar) as strategy_year,
    cast(weighed.offence_group as varchar) as offence_group,
    cast(
        weighed.offence_group in ('Drug offences', 'Possession of weapons offences') as boolean
    ) as is_proactive,
    cast(weighed.offences as bigint) as offences,
    cast(weighed.harm as double) as harm,
    cast(
        weighed.harm / sum(weighed.harm) over (
            partition by weighed.scheme, weighed.area_type, weighed.area_code, weighed.strategy_year
        ) as double
    ) as share_of_harm,
    cast(run.is_synthetic as boolean) as is_synthetic
from weighed
inner join
    {{ ref("dim_area") }} as areas
    on areas.area_type = weighed.area_type
    and areas.area_code = weighed.area_code
cross join {{ source("manifest", "run") }} as run
order by scheme, area_type, area_code, strategy_year, offence_group
