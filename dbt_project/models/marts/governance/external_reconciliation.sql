-- One row per offence group and strategy year: our count of the police extract beside the Home
-- Office's table for the same Community Safety Partnership.
-- Rows outside the area are left out of ours; the Home Office table is of the force's own
-- assignment.
with
    years as (select strategy_year, starts_on, ends_on from {{ ref("strategy_years") }}),

    ours as (
        select crimes.offence_group, years.strategy_year, count(*) as our_count
        from {{ ref("stg_police__recorded_crime") }} as crimes
        inner join years on crimes.period_month between years.starts_on and years.ends_on
        left join {{ ref("int_place") }} as place on place.place_code = crimes.lsoa_code
        where
            crimes.reject_reason is null
            and coalesce(place.unit_code, 'NO_LOCATION') <> 'OUTSIDE_AREA'
            and (place.unit_code is not null or crimes.lsoa_code is null)
        group by 1, 2
    ),

    complete as (
        select feed_month.feed, years.strategy_year, count(*) = 12 as is_complete
        from {{ ref("int_feed_month") }} as feed_month
        inner join years on feed_month.month_start between years.starts_on and years.ends_on
        where
            feed_month.feed in ('police/recorded_crime', 'national/recorded_crime_csp')
            and feed_month.state = 'delivered'
        group by 1, 2
    ),

    theirs as (
        select crimes.offence_group, years.strategy_year, sum(crimes.offences) as their_count
        from {{ ref("stg_national__recorded_crime_csp") }} as crimes
        inner join years on crimes.quarter_month between years.starts_on and years.ends_on
        inner join
            {{ ref("partnerships") }} as partnership on partnership.csp_name = crimes.csp_name
        inner join {{ ref("int_area") }} as area on area.area_code = partnership.area_code
        where crimes.reject_reason is null
        group by 1, 2
    ),

    -- A table in which the partnership does not stand says nothing of it; that is no zero.
    named as (select distinct strategy_year from theirs),

    groups as (
        select offence_group, strategy_year
        from ours
        union
        select offence_group, strategy_year
        from theirs
    ),

    compared as (
        select
            groups.offence_group,
            groups.strategy_year,
            case
                when coalesce(own.is_complete, false) then coalesce(ours.our_count, 0)
            end as our_count,
            case
                when coalesce(other.is_complete, false) and named.strategy_year is not null
                then coalesce(theirs.their_count, 0)
            end as their_count
        from groups
        left join
            ours
            on ours.offence_group = groups.offence_group
            and ours.strategy_year = groups.strategy_year
        left join
            theirs
            on theirs.offence_group = groups.offence_group
            and theirs.strategy_year = groups.strategy_year
        left join named on named.strategy_year = groups.strategy_year
        left join
            complete as own
            on own.feed = 'police/recorded_crime'
            and own.strategy_year = groups.strategy_year
        left join
            complete as other
            on other.feed = 'national/recorded_crime_csp'
            and other.strategy_year = groups.strategy_year
    )

select
    cast(offence_group as varchar) as offence_group,
    cast(strategy_year as varchar) as strategy_year,
    cast(our_count as bigint) as our_count,
    cast(their_count as bigint) as their_count,
    cast(our_count - their_count as bigint) as difference,
    cast(
        100.0 * (our_count - their_count) / nullif(their_count, 0) as double
    ) as difference_percent,
    cast(
        case
            when our_count is null or their_count is null
            then 'not_comparable'
            when counts_agree(our_count, their_count)
            then 'agrees'
            else 'differs'
        end as varchar
    ) as state
from compared
order by strategy_year, offence_group
