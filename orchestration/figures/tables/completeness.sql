-- One row per feed: how many of the periods that the year needs (those that end in it; of a yearly
-- school year therefore the one before) were delivered.
select
    completeness.feed,
    feeds.title,
    feeds.cadence,
    count(*) as periods,
    count(*) filter (where state = 'delivered') as delivered,
    count(*) filter (where state = 'refused') as refused,
    count(*) filter (where state = 'missing') as missing,
    count(*) filter (where state = 'not_due') as not_due,
    string_agg(period, ', ' order by period) filter (
        where state <> 'delivered'
    ) as periods_not_delivered
from governance.completeness as completeness
inner join governance.feeds as feeds on feeds.feed = completeness.feed
where is_expected_part and (period_start is null or period_end between $year_start and $year_end)
group by completeness.feed, feeds.title, feeds.cadence
order by completeness.feed
