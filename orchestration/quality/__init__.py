"""The gates on data: gate 1 on deliveries, gate 2 on marts, anomalies, and reports on refusals."""

# The door: what other rooms may use.
__all__ = ["anomalies", "contract_check", "gate_one", "gate_two", "outcomes", "suites"]
