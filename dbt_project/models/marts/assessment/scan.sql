-- One row per measure of the scan and strategy year: where it stands among the measures of its
-- level by volume, harm, change, peers, concentration and public concern, and which priority covers
-- it. How a partnership finds what it does not look at. Levels count the same events in different
-- cuts, so ranks are within a level and levels are never added up. A criterion that cannot judge a
-- measure gives it no rank, never the last one.
with
    scanned as (
        select
            scan.measure_id,
            scan.level,
            scan.subject,
            scan."within" as wider,
            measure.measure_name,
            measure.polarity
        from {{ ref("scan_measures") }} as scan
        inner join {{ ref("dim_measure") }} as measure on measure.measure_id = scan.measure_id
    ),

    -- A subject is covered by every priority that names a measure of it, at whatever level.
    named as (
        select distinct scanned.subject, priority.priority_id, priority.priority_name
        from scanned
        inner join
            {{ ref("measure_priorities") }} as chosen on chosen.measure_id = scanned.measure_id
        inner join
            {{ ref("dim_priority") }} as priority on priority.priority_id = chosen.priority_id
    ),

    covered as (
        select
            named.subject,
            string_agg(named.priority_name, '; ' order by named.priority_name) as covered_by,
            min(perception.public_rank) as public_rank
        from named
        left join
            {{ ref("perception_and_record") }} as perception
            on perception.priority_id = named.priority_id
        group by named.subject
    ),

    years as (
        select fact.*
        from {{ ref("fct_measure") }} as fact
        inner join {{ ref("strategy_years") }} as years on years.strategy_year = fact.strategy_year
        where fact.area_type = 'city' and fact.period_type = 'strategy_year'
    ),

    harm as (
        select measure_id, strategy_year, scheme, harm
        from {{ ref("int_measure_harm") }}
        qualify dense_rank() over (order by scheme) = 1
    ),

    peers as (
        select
            measure_id,
            strategy_year,
            is_own_area,
            rank_in_group,
            count(*) over (partition by measure_id, strategy_year, peer_group) as districts
        from {{ ref("peer_comparison") }}
        where period_type = 'strategy_year'
        qualify dense_rank() over (order by peer_group) = 1
    ),

    -- Kinds of a level and year are tested together, as the measures of priorities are.
    tests as (
        select
            concat_ws('|', scanned.level, years.strategy_year) as family,
            scanned.measure_id as test,
            years.change_p_value as p_value
        from scanned
        inner join years on years.measure_id = scanned.measure_id
    ),

    together as (select * from adjusted_for_many('tests')),

    changed as (
        select
            scanned.level,
            years.*,
            case
                when together.adjusted is null
                then years.change_is_significant
                else together.adjusted <= false_discovery_percent() / 100
            end as is_finding
        from scanned
        inner join years on years.measure_id = scanned.measure_id
        left join
            together
            on together.family = concat_ws('|', scanned.level, years.strategy_year)
            and together.test = scanned.measure_id
    ),

    told as (
        select
            scanned.*,
            years.strategy_year,
            years."count" as event_count,
            years.rate,
            years.change_percent,
            years.is_finding as change_is_significant,
            years.missing_reason,
            years.comparison_missing_reason,
            years.is_provisional,
            years.is_synthetic,
            case when years."count" is not null then harm.harm end as harm,
            harm.scheme as harm_scheme,
            peers.rank_in_group as peer_rank_in_group,
            peers.districts as peer_districts,
            concentration.share_in_top_tenth,
            -- Few events are concentrated by chance: what counts is what lies beyond that.
            case
                when concentration.finding = 'more concentrated than chance'
                then concentration.share_in_top_tenth - concentration.share_by_chance
                when concentration.finding = 'no more concentrated than chance'
                then 0.0
            end as clear_concentration,
            covered.covered_by,
            covered.public_rank,
            wider.covered_by as wider_covered_by,
            -- Only a change of more than chance moves a measure up or down; the others share a
            -- rank.
            case
                when years.is_finding then years.change_percent when not years.is_finding then 0.0
            end as clear_change
        from scanned
        inner join
            changed as years
            on years.measure_id = scanned.measure_id
            and years.level = scanned.level
        left join
            harm
            on harm.measure_id = scanned.measure_id
            and harm.strategy_year = years.strategy_year
        left join
            peers
            on peers.measure_id = scanned.measure_id
            and peers.strategy_year = years.strategy_year
            and peers.is_own_area
            and peers.districts > 1
        left join
            {{ ref("concentration") }} as concentration
            on concentration.measure_id = scanned.measure_id
            and concentration.period_type = 'strategy_year'
            and concentration.strategy_year = years.strategy_year
        left join covered on covered.subject = scanned.subject
        left join covered as wider on wider.subject = scanned.wider
    ),

    -- One row per criterion that can judge the measure: the higher the value, the more it stands
    -- out.
    judged as (
        select measure_id, level, strategy_year, 'volume' as criterion, event_count as height
        from told
        union all
        select measure_id, level, strategy_year, 'harm', harm
        from told
        union all
        select measure_id, level, strategy_year, 'change', clear_change
        from told
        union all
        select
            measure_id,
            level,
            strategy_year,
            'peers',
            - peer_rank_in_group / cast(peer_districts as double)
        from told
        union all
        select measure_id, level, strategy_year, 'concentration', clear_concentration
        from told
        union all
        select measure_id, level, strategy_year, 'public_concern', - public_rank
        from told
    ),

    ranked as (
        select
            *,
            rank() over (
                partition by level, strategy_year, criterion order by height desc
            ) as place,
            count(*) over (partition by level, strategy_year, criterion) as among,
            -- How many share the value: a crowd at the top does not stand out, nor one of very few.
            count(*) over (partition by level, strategy_year, criterion, height) as sharing
        from judged
        where height is not null
    ),

    summed as (
        select
            measure_id,
            strategy_year,
            max(place) filter (where criterion = 'volume') as volume_rank,
            max(place) filter (where criterion = 'harm') as harm_rank,
            max(place) filter (where criterion = 'change') as change_rank,
            max(place) filter (where criterion = 'peers') as peers_rank,
            max(place) filter (where criterion = 'concentration') as concentration_rank,
            max(place) filter (where criterion = 'public_concern') as public_concern_rank,
            count(*) as criteria_judged,
            count(*) filter (
                where place + sharing - 1 <= floor(among * scan_share_percent() / 100.0)
            ) as criteria_outstanding
        from ranked
        group by measure_id, strategy_year
    )

select
    cast(told.strategy_year as varchar) as strategy_year,
    cast(told.level as varchar) as level,
    cast(told.measure_id as varchar) as measure_id,
    cast(told.measure_name as varchar) as measure_name,
    cast(
        case
            when told.covered_by is not null
            then 'named'
            when told.wider_covered_by is not null
            then 'in a wider one'
            else 'by none'
        end as varchar
    ) as covered,
    cast(coalesce(told.covered_by, told.wider_covered_by) as varchar) as covered_by,
    cast(told.event_count as bigint) as "count",
    cast(told.rate as double) as rate,
    cast(told.harm as double) as harm,
    cast(told.harm_scheme as varchar) as harm_scheme,
    cast(told.change_percent as double) as change_percent,
    cast(told.change_is_significant as boolean) as change_is_significant,
    cast(told.peer_rank_in_group as integer) as peer_rank_in_group,
    cast(told.peer_districts as integer) as peer_districts,
    cast(told.share_in_top_tenth as double) as share_in_top_tenth,
    cast(told.public_rank as integer) as public_rank,
    cast(summed.volume_rank as integer) as volume_rank,
    cast(summed.harm_rank as integer) as harm_rank,
    cast(summed.change_rank as integer) as change_rank,
    cast(summed.peers_rank as integer) as peers_rank,
    cast(summed.concentration_rank as integer) as concentration_rank,
    cast(summed.public_concern_rank as integer) as public_concern_rank,
    cast(coalesce(summed.criteria_judged, 0) as integer) as criteria_judged,
    cast(coalesce(summed.criteria_outstanding, 0) as integer) as criteria_outstanding,
    cast(told.missing_reason as varchar) as missing_reason,
    cast(told.comparison_missing_reason as varchar) as comparison_missing_reason,
    cast(told.is_provisional as boolean) as is_provisional,
    cast(told.is_synthetic as boolean) as is_synthetic
from told
left join
    summed on summed.measure_id = told.measure_id and summed.strategy_year = told.strategy_year
order by told.strategy_year, told.level, summed.volume_rank, told.measure_id
