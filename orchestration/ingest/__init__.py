"""From a partner's file to rows, in three layers: `transports` fetch bytes, `landing` keeps them and
chooses the current delivery, `readers` turn them into rows.
"""

# The door: what other rooms may use.
__all__ = ["landing", "readers", "transports"]
