-- One row per delivery: the rows at every step, and the difference that no reason explains (zero).
with
    deliveries as (select * from {{ ref("deliveries") }}),

    raw_rows as (
        {% for partner, feed in all_feeds() %}
            select
                '{{ partner }}/{{ feed }}' as feed, _delivery as delivery_id, count(*) as rows_raw
            from {{ source(partner, feed) }}
            group by _delivery
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    staged as (
        select feed, delivery_id, count(*) as rows_staged, count(reject_reason) as rows_rejected
        from {{ ref("int_staged_row") }}
        group by feed, delivery_id
    ),

    placed as (
        select
            'police/street_crime' as feed,
            delivery_id,
            count(*) filter (where placement = 'in_area') as rows_in_area,
            count(*) filter (where placement = 'outside_area') as rows_outside_area,
            count(*) filter (where placement = 'no_location') as rows_without_location,
            count(*) filter (where placement = 'unknown_code') as rows_of_unknown_code,
            count(*) filter (where placement = 'other_force') as rows_of_other_force,
            count(*) filter (where placed_by = 'point_in_boundary') as rows_placed_by_point,
            count(*) filter (where placed_by = 'population_share') as rows_placed_by_share
        from {{ ref("int_street_crime_placed") }}
        group by delivery_id
    ),

    -- Measures that between them count every good row of a feed once (whole_feed_measures), as they
    -- were counted: rows are accounted for whether or not a measure is held.
    published as (
        select whole.feed, periods.period, sum(round(fact.event_count)) as rows_published
        from {{ ref("whole_feed_measures") }} as whole
        inner join {{ source("manifest", "feeds") }} as feeds on feeds.feed = whole.feed
        inner join
            {{ ref("int_base_period") }} as periods on periods.period_kind = feeds.period_kind
        inner join
            {{ ref("int_measure_figure") }} as fact
            on fact.measure_id = whole.measure_id
            and fact.period_type = feeds.period_kind
            and fact.period_start = periods.first_month
            -- Rows that lie in the area by an unknown place are in the city already.
            and (
                fact.area_type = 'city'
                or (fact.area_type = 'unplaced' and not {{ lies_within("fact.area_code") }})
            )
        group by whole.feed, periods.period
    ),

    whole_periods as (
        select feed, period, sum(row_count) as period_rows
        from deliveries
        where is_current
        group by feed, period
    ),

    steps as (
        select
            deliveries.feed,
            deliveries.delivery_id,
            deliveries.period,
            deliveries.part,
            deliveries.state,
            deliveries.is_current,
            deliveries.row_count as rows_received,
            raw_rows.rows_raw,
            case
                when deliveries.state <> 'passed' then coalesce(raw_rows.rows_raw, 0) else 0
            end as rows_refused,
            case
                when deliveries.state = 'passed' and not deliveries.is_current
                then raw_rows.rows_raw
                else 0
            end as rows_superseded,
            coalesce(staged.rows_staged, 0) as rows_staged,
            coalesce(staged.rows_rejected, 0) as rows_rejected,
            placed.rows_in_area,
            placed.rows_outside_area,
            placed.rows_without_location,
            placed.rows_of_unknown_code,
            placed.rows_of_other_force,
            placed.rows_placed_by_point,
            placed.rows_placed_by_share,
            case
                when deliveries.is_current then published.rows_published
            end as period_rows_published,
            case
                when deliveries.is_current then whole_periods.period_rows
            end as period_rows_received
        from deliveries
        left join
            raw_rows
            on raw_rows.feed = deliveries.feed
            and raw_rows.delivery_id = deliveries.delivery_id
        left join
            staged on staged.feed = deliveries.feed and staged.delivery_id = deliveries.delivery_id
        left join
            placed on placed.feed = deliveries.feed and placed.delivery_id = deliveries.delivery_id
        left join
            published on published.feed = deliveries.feed and published.period = deliveries.period
        left join
            whole_periods
            on whole_periods.feed = deliveries.feed
            and whole_periods.period = deliveries.period
    )

select
    cast(feed as varchar) as feed,
    cast(delivery_id as varchar) as delivery_id,
    cast(period as varchar) as period,
    cast(part as varchar) as part,
    cast(state as varchar) as state,
    cast(is_current as boolean) as is_current,
    cast(rows_received as bigint) as rows_received,
    cast(rows_raw as bigint) as rows_raw,
    cast(rows_refused as bigint) as rows_refused,
    cast(rows_superseded as bigint) as rows_superseded,
    cast(rows_staged as bigint) as rows_staged,
    cast(rows_rejected as bigint) as rows_rejected,
    cast(rows_in_area as bigint) as rows_in_area,
    cast(rows_outside_area as bigint) as rows_outside_area,
    cast(rows_without_location as bigint) as rows_without_location,
    cast(rows_of_unknown_code as bigint) as rows_of_unknown_code,
    cast(rows_of_other_force as bigint) as rows_of_other_force,
    cast(rows_placed_by_point as bigint) as rows_placed_by_point,
    cast(rows_placed_by_share as bigint) as rows_placed_by_share,
    cast(period_rows_published as bigint) as period_rows_published,
    cast(
        -- received, but not in raw
        abs(coalesce(rows_received, 0) - coalesce(rows_raw, 0))
        -- in raw, but neither refused, superseded nor staged
        + abs(coalesce(rows_raw, 0) - rows_refused - rows_superseded - rows_staged)
        -- staged, but neither rejected nor placed (the feed that is placed by point)
        + case
            when rows_in_area is not null and is_current
            then
                abs(
                    rows_staged
                    - rows_rejected
                    - rows_in_area
                    - rows_outside_area
                    - rows_without_location
                    - rows_of_unknown_code
                    - rows_of_other_force
                )
            else 0
        end
        -- good, but not in the published figures of the period
        + case
            when period_rows_published is not null
            then
                abs(
                    period_rows_received
                    - period_rows_published
                    - sum(
                        case
                            when is_current
                            then rows_rejected + coalesce(rows_of_other_force, 0)
                            else 0
                        end
                    ) over (partition by feed, period)
                )
            else 0
        end as bigint
    ) as unexplained_difference
from steps
order by feed, delivery_id
