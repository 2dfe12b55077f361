"""dbt: its inputs from deliveries and contracts, and one build into the candidate database."""

# The door: what other rooms may use.
__all__ = [
    "by_hand",
    "column_lineage",
    "contract_sync",
    "dbt",
    "docs_page",
    "manifest",
    "results",
    "unchanged",
]
