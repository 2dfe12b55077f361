"""The gates on data: gate 1 on deliveries, gate 2 on marts, anomalies, and reports on refusals."""

# The door: what other rooms may use.
__all__ = [
    "anomalies",
    "chance",
    "check_register",
    "contract_check",
    "finding",
    "gate_one",
    "gate_two",
    "held",
    "outcomes",
    "quarantine",
    "statements",
    "suites",
    "waivers",
]
