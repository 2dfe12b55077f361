-- One row per measure, quantity and period of delivery whose figure is not the one published last,
-- with what its own history and the rows received lead one to expect, and why it is not believed.
-- A measure whose figures are the published ones has no row: there is nothing to hold.
with
    measures as (
        select
            measure_id,
            method,
            source_feed,
            definition_version,
            case
                periodicity when 'financial_year' then 'strategy_year' else periodicity
            end as period_type
        from {{ ref("measure_register") }}
    ),

    computed as (
        select
            figures.measure_id,
            figures.period_type,
            figures.period_start,
            min(figures.period_end) as period_end,
            -- A value that its publisher withdrew is a figure that went away.
            bool_and(coalesce(figures.missing_reason, 'not_published') = 'not_published') filter (
                where figures.area_type = 'city'
            ) as is_known,
            max(round(figures.event_count)) filter (
                where figures.area_type = 'city' and measures.method <> 'published'
            ) as city,
            max(round(figures.people)) filter (
                where figures.area_type = 'city' and measures.method = 'proportion'
            ) as base,
            sum(round(figures.event_count)) filter (where figures.area_type = 'ward') as wards,
            sum(round(figures.event_count)) filter (
                where figures.area_type = 'unplaced'
            ) as unplaced,
            max(figures.rate) filter (where measures.method = 'published') as rate
        from {{ ref("int_measure_figure") }} as figures
        inner join measures on measures.measure_id = figures.measure_id
        where
            figures.area_type in ('city', 'ward', 'unplaced')
            and (figures.period_type = measures.period_type or measures.method = 'published')
        group by 1, 2, 3
    ),

    -- What was published last of the same definition, of this area, and of the same kind.
    published as (
        select
            figures.measure_id,
            figures.period_type,
            figures.period_start,
            max(figures."count") filter (
                where figures.area_type = 'city' and measures.method <> 'published'
            ) as city,
            max(figures.denominator) filter (
                where figures.area_type = 'city' and measures.method = 'proportion'
            ) as base,
            sum(figures."count") filter (where figures.area_type = 'ward') as wards,
            max(figures.rate) filter (where measures.method = 'published') as rate
        from {{ source("manifest", "published_figures") }} as figures
        inner join
            measures
            on measures.measure_id = figures.measure_id
            and measures.definition_version = figures.definition_version
        inner join {{ source("manifest", "run") }} as run on run.is_synthetic = figures.is_synthetic
        where
            figures.area_type in ('city', 'ward')
            and (figures.period_type = measures.period_type or measures.method = 'published')
            and figures.missing_reason is null
        group by 1, 2, 3
        having max(figures.area_code) filter (where figures.area_type = 'city') = max(run.area_code)
    ),

    paired as (
        select
            computed.*,
            published.measure_id is not null as was_published,
            bool_or(published.measure_id is not null) over (
                partition by computed.measure_id
            ) as has_published,
            published.city as city_published,
            published.base as base_published,
            published.wards as wards_published,
            published.rate as rate_published
        from computed
        left join
            published
            on published.measure_id = computed.measure_id
            and published.period_type = computed.period_type
            and published.period_start = computed.period_start
    ),

    received as (
        select
            deliveries.feed,
            deliveries.delivery_id,
            deliveries.row_count,
            deliveries.received_at,
            {{ month_start("deliveries.first_month") }} as first_month
        from {{ source("manifest", "deliveries") }} as deliveries
        inner join
            {{ source("manifest", "feeds") }} as feeds
            on feeds.feed = deliveries.feed
            and feeds.expected_part = deliveries.part
        where deliveries.is_current
    ),

    -- Editions have no month: they are behind every period, and no period has rows of its own.
    behind as (
        select
            paired.measure_id,
            paired.period_type,
            paired.period_start,
            sum(case when received.first_month is not null then received.row_count end) as rows_now,
            max(received.received_at) as received_at,
            max_by(
                received.delivery_id,
                row(received.first_month, received.received_at, received.delivery_id)
            ) as delivery_id
        from paired
        inner join measures on measures.measure_id = paired.measure_id
        inner join
            received
            on received.feed = measures.source_feed
            and coalesce(received.first_month, paired.period_start)
            between paired.period_start and paired.period_end
        group by 1, 2, 3
    ),

    -- Deliveries that the published figures were made of and are no longer current, and the
    -- reverse.
    made_of as (
        select holds.measure_id, unnest(holds.figures_of_deliveries) as delivery_id
        from {{ source("manifest", "published_holds") }} as holds
        where holds.figures_of_deliveries is not null
        union all
        select measures.measure_id, deliveries.delivery_id
        from measures
        inner join
            {{ source("manifest", "published_deliveries") }} as deliveries
            on deliveries.feed = measures.source_feed
        where
            measures.measure_id not in (
                select measure_id
                from {{ source("manifest", "published_holds") }}
                where figures_of_deliveries is not null
            )
    ),

    now_of as (
        select measures.measure_id, deliveries.delivery_id
        from measures
        inner join
            {{ source("manifest", "deliveries") }} as deliveries
            on deliveries.feed = measures.source_feed
        where deliveries.is_current
    ),

    exchanged as (
        select measure_id, delivery_id
        from made_of
        full join now_of using (measure_id, delivery_id)
        where made_of.measure_id is null or now_of.measure_id is null
    ),

    exchanged_months as (
        select distinct
            exchanged.measure_id, {{ month_start("deliveries.first_month") }} as first_month
        from exchanged
        inner join measures on measures.measure_id = exchanged.measure_id
        inner join
            {{ source("manifest", "deliveries") }} as deliveries
            on deliveries.feed = measures.source_feed
            and deliveries.delivery_id = exchanged.delivery_id
    ),

    quantities as (select unnest(['city', 'base', 'wards', 'rate']) as quantity),

    series as (
        select
            paired.measure_id,
            measures.source_feed,
            paired.period_type,
            paired.period_start,
            paired.period_end,
            quantities.quantity,
            paired.has_published,
            paired.unplaced,
            behind.rows_now,
            behind.delivery_id,
            behind.received_at,
            (
                select count(*)
                from {{ ref("int_series_break") }} as breaks
                where
                    breaks.measure_id = paired.measure_id and breaks.break_on <= paired.period_start
            ) as phase,
            case
                quantities.quantity
                when 'city'
                then paired.city
                when 'base'
                then paired.base
                when 'wards'
                then paired.wards
                else paired.rate
            end as computed_value,
            case
                quantities.quantity
                when 'city'
                then paired.city_published
                when 'base'
                then paired.base_published
                when 'wards'
                then paired.wards_published
                else paired.rate_published
            end as value_published
        from paired
        inner join measures on measures.measure_id = paired.measure_id
        cross join quantities
        left join
            behind
            on behind.measure_id = paired.measure_id
            and behind.period_type = paired.period_type
            and behind.period_start = paired.period_start
        where paired.is_known or paired.was_published
    ),

    -- The history is what was published; before the first publication, the candidate's own. A
    -- period
    -- whose delivery is missing is part of the history, but there is nothing to judge.
    valued as (
        select
            series.* exclude (computed_value),
            paired.is_known,
            case
                when series.computed_value is not null or series.value_published is not null
                then coalesce(series.computed_value, 0)
            end as value_now,
            coalesce(
                series.value_published,
                case when not series.has_published and paired.is_known then computed_value end
            ) as value_in_history
        from series
        inner join
            paired
            on paired.measure_id = series.measure_id
            and paired.period_type = series.period_type
            and paired.period_start = series.period_start
    ),

    judged as (
        select
            *,
            not has_published
            and quantity = 'city'
            and sum(value_now) over whole = 0
            and count(*) over whole >= held_periods()
            and median(unplaced) over whole >= held_minimum() as is_placed_nowhere
        from valued
        where
            is_known
            and value_now is not null
            and (not has_published or value_now is distinct from value_published)
        window whole as (partition by measure_id, quantity)
    ),

    pairs as (
        select
            judged.measure_id,
            judged.quantity,
            judged.period_type,
            judged.period_start,
            history.value_in_history as known_value,
            nullif(history.rows_now, 0) as known_rows
        from judged
        inner join
            valued as history
            on history.measure_id = judged.measure_id
            and history.quantity = judged.quantity
            and history.period_type = judged.period_type
            and history.phase = judged.phase
            and history.period_start <> judged.period_start
        where history.value_in_history is not null and judged.quantity <> 'rate'
    ),

    usual as (
        select
            measure_id,
            quantity,
            period_type,
            period_start,
            count(*) as periods,
            median(known_value) as usual,
            min(known_value) as lowest,
            max(known_value) as highest,
            median(known_value / known_rows) as share_of_rows
        from pairs
        group by 1, 2, 3, 4
    ),

    spread as (
        select
            pairs.measure_id,
            pairs.quantity,
            pairs.period_type,
            pairs.period_start,
            -- 1.4826 median deviations are a standard deviation, where deviations are normal.
            1.4826 * median(abs(pairs.known_value - usual.usual)) as scatter,
            1.4826 * median(
                abs(pairs.known_value - usual.share_of_rows * pairs.known_rows)
            ) as scatter_by_rows
        from pairs
        inner join usual using (measure_id, quantity, period_type, period_start)
        group by 1, 2, 3, 4
    ),

    expected as (
        select
            judged.*,
            usual.periods,
            usual.usual,
            usual.lowest,
            usual.highest,
            usual.share_of_rows * judged.rows_now as by_rows,
            greatest(sqrt(usual.usual), spread.scatter) as deviation,
            greatest(
                sqrt(usual.share_of_rows * judged.rows_now), spread.scatter_by_rows
            ) as deviation_by_rows,
            exists (
                select 1
                from exchanged_months as months
                where
                    months.measure_id = judged.measure_id
                    and coalesce(months.first_month, judged.period_start)
                    between judged.period_start - interval 12 month and judged.period_end
            ) as has_new_delivery
        from judged
        left join usual using (measure_id, quantity, period_type, period_start)
        left join spread using (measure_id, quantity, period_type, period_start)
    )

select
    measure_id,
    source_feed,
    quantity,
    period_type,
    period_start,
    period_end,
    delivery_id,
    received_at,
    has_published,
    value_now,
    value_published,
    rows_now,
    usual,
    by_rows,
    case
        when
            value_now = 0
            and lowest > 0
            and periods >= held_periods()
            and usual >= held_minimum()
            and coalesce(by_rows, usual) >= held_minimum()
        then 'collapsed'
        -- Before anything was published there are no figures to keep, and a peak of the past is
        -- history.
        when
            has_published
            and periods >= held_periods()
            and greatest(usual, value_now) >= held_minimum()
            and abs(value_now - usual) > held_width() * deviation
            and (value_now > held_factor() * highest or value_now * held_factor() < lowest)
            and (
                by_rows is null
                or (
                    abs(value_now - by_rows) > held_width() * deviation_by_rows
                    and (value_now > held_factor() * by_rows or value_now * held_factor() < by_rows)
                )
            )
        then 'jumped'
        when
            abs(value_now - value_published) > held_change_percent() * abs(value_published) / 100
            and (quantity = 'rate' or abs(value_now - value_published) > held_change_count())
            and not has_new_delivery
        then 'changed_without_delivery'
        when is_placed_nowhere
        then 'placed_nowhere'
    end as reason
from expected
