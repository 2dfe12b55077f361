-- One row per feed: what its contract agrees.
select
    cast(feed as varchar) as feed,
    cast(partner as varchar) as partner,
    cast(title as varchar) as title,
    cast(purpose as varchar) as purpose,
    cast(limitations as varchar) as limitations,
    cast(owner as varchar) as owner,
    cast(lawful_basis as varchar) as lawful_basis,
    cast(contract_version as varchar) as contract_version,
    cast(cadence as varchar) as cadence,
    cast(due_through as varchar) as due_through
from {{ source("manifest", "feeds") }}
order by feed
