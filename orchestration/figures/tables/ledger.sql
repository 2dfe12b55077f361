-- One row per feed that ever delivered: its deliveries, those that the ledger accounts for, and
-- those of them with a row that is explained at no step (differences of two deliveries never
-- cancel out).
select
    deliveries.feed,
    count(*) as deliveries,
    count(ledger.delivery_id) as in_ledger,
    count(*) filter (
        where ledger.delivery_id is not null and ledger.unexplained_difference is distinct from 0
    ) as unexplained
from governance.deliveries as deliveries
left join
    governance.reconciliation as ledger
    on ledger.feed = deliveries.feed
    and ledger.delivery_id = deliveries.delivery_id
group by deliveries.feed
order by deliveries.feed
