-- One row per measure that a priority covers, dimension and value: who, when, where and how
-- of the year's events in the whole area. A dimension that is published has every value
-- that its feed knows, with zero where nothing of it happened; of the others a value
-- without a row did not occur.
with
    covered as (select distinct measure_id from marts.priority_measure),
    counted as (
        select
            profile.*,
            dimensions.dimension_name,
            dimensions.sort_order,
            dimensions.is_published,
            measure.feed as source_feed
        from marts.profile as profile
        inner join marts.dim_profile as dimensions on dimensions.dimension = profile.dimension
        inner join marts.dim_measure as measure on measure.measure_id = profile.measure_id
        semi join covered on covered.measure_id = profile.measure_id
        where
            profile.area_type = 'city'
            and profile.period_type = 'strategy_year'
            and profile.strategy_year = $year
    ),
    asked as (
        select distinct
            measure_id,
            source_feed,
            dimension,
            dimension_name,
            sort_order,
            is_published,
            base,
            known,
            known_share,
            is_provisional
        from counted
        where missing_reason is null
    ),
    -- A row says nothing by being there: that a value is listed would tell that it occurred.
    listed as (
        select distinct measure.feed as source_feed, profile.dimension, profile.profile_value
        from marts.profile as profile
        inner join marts.dim_profile as dimensions on dimensions.dimension = profile.dimension
        inner join marts.dim_measure as measure on measure.measure_id = profile.measure_id
        where profile.area_type = 'city' and dimensions.is_published
        union
        select source_feed, dimension, 'not known'
        from asked
        where is_published
    ),
    absent as (
        select asked.*, listed.profile_value
        from asked
        inner join
            listed on listed.source_feed = asked.source_feed and listed.dimension = asked.dimension
        anti join
            counted
            on counted.measure_id = asked.measure_id
            and counted.dimension = asked.dimension
            and counted.profile_value = listed.profile_value
    ),
    every_value as (
        select *
        from counted
        union all by name
        select
            absent.* exclude (source_feed),
            cast(0 as bigint) as "count",
            rate_of(0, of_known, 1) as share,
            rate_lower_of(0, of_known, 1, true) as share_lower,
            rate_upper_of(0, of_known, 1, true) as share_upper,
            case when measure.method = 'proportion' then cast(0 as bigint) end as denominator
        from
            (
                select *, if(profile_value <> 'not known' and known > 0, known, null) as of_known
                from absent
            ) as absent
        inner join marts.dim_measure as measure on measure.measure_id = absent.measure_id
    )
select
    measure_id,
    dimension,
    dimension_name,
    profile_value,
    "count",
    base,
    known,
    known_share,
    share,
    share_lower,
    share_upper,
    denominator,
    rate,
    rate_lower,
    rate_upper,
    missing_reason,
    is_provisional,
    is_published
from every_value
order by measure_id, sort_order, profile_value = 'not known', profile_value
