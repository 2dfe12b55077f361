-- One row per delivery that took the place of an earlier one of its period, and measure that its
-- feed counts (null for a feed that counts none, such as populations): what can have revised a
-- figure. A delivery that was refused takes no place. A period without months (an edition) has no
-- dates.
select
    revisions.feed,
    revisions.part,
    revisions.period,
    periods.period_start,
    periods.period_end,
    measure.measure_id,
    revisions.sha256 as replaced_sha256,
    now.sha256 as sha256,
    revisions.known_until as replaced_at,
    revisions.row_count as replaced_row_count,
    revisions.replaced_by_row_count as row_count,
    revisions.row_difference
from governance.revisions as revisions
inner join
    governance.deliveries as now
    on now.feed = revisions.feed
    and now.delivery_id = revisions.replaced_by
left join
    (
        select distinct feed, part, period, period_start, period_end from governance.completeness
    ) as periods
    on periods.feed = revisions.feed
    and periods.part = revisions.part
    and periods.period = revisions.period
left join marts.dim_measure as measure on measure.feed = revisions.feed
where revisions.replaced_by_state = 'passed'
order by revisions.feed, revisions.part, revisions.period, revisions.known_until, measure.measure_id
