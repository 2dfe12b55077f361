-- One row per measure with a figure that is not believed: held, or released by a waiver in force
-- for
-- the delivery behind it.
with
    doubted as (
        select
            *,
            list_position(
                ['collapsed', 'jumped', 'placed_nowhere', 'changed_without_delivery'], reason
            ) as reason_rank,
            list_position(['city', 'base', 'wards', 'rate'], quantity) as quantity_rank,
            max_by(delivery_id, row(period_end, received_at, delivery_id)) over (
                partition by measure_id
            ) as newest_delivery
        from {{ ref("int_watched_figure") }}
        where reason is not null
    ),

    -- The gravest reason, for the quantity that says most, stands for the measure.
    gravest as (
        select *
        from doubted
        qualify rank() over (partition by measure_id order by reason_rank, quantity_rank) = 1
    ),

    summed as (
        select
            measure_id,
            any_value(source_feed) as source_feed,
            any_value(reason) as reason,
            any_value(quantity) as quantity,
            any_value(newest_delivery) as delivery_id,
            bool_or(has_published) as has_published,
            count(*) as periods,
            min(period_start) as first_day,
            max(period_end) as last_day,
            max_by(value_now, row(period_start, period_end)) as value_now,
            max_by(
                coalesce(
                    case when reason = 'changed_without_delivery' then value_published end, usual
                ),
                row(period_start, period_end)
            ) as value_expected,
            max_by(rows_now, row(period_start, period_end)) as rows_now
        from gravest
        group by measure_id
    ),

    decided as (
        select
            summed.*,
            case when releases.measure_id is null then 'held' else 'waived' end as state,
            coalesce(holds.held_since, night.today) as held_since,
            holds.figures_of_deliveries as deliveries_before
        from summed
        cross join {{ source("manifest", "night") }} as night
        left join
            {{ source("manifest", "releases") }} as releases
            on releases.measure_id = summed.measure_id
            and releases.delivery_id = summed.delivery_id
        left join
            {{ source("manifest", "published_holds") }} as holds
            on holds.measure_id = summed.measure_id
    ),

    last_deliveries as (
        select feed, list(delivery_id order by delivery_id) as delivery_ids
        from {{ source("manifest", "published_deliveries") }}
        group by feed
    )

select
    decided.* exclude (deliveries_before),
    -- Figures that were accepted although they had changed are from then on the published ones;
    -- what history contradicts stays in doubt, and is held again when its waiver ends.
    decided.has_published
    and (decided.state = 'held' or decided.reason <> 'changed_without_delivery') as keeps_figures,
    case
        when keeps_figures then coalesce(decided.deliveries_before, last_deliveries.delivery_ids)
    end as figures_of_deliveries
from decided
left join last_deliveries on last_deliveries.feed = decided.source_feed
