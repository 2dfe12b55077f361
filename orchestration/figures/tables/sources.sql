-- One row per delivery that counts: the evidence, by its hash.
select feed, period, part, sha256, received_at, row_count, contract_version
from governance.deliveries
where is_current
order by feed, period, part
