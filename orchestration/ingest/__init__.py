"""From a partner's file to rows, in three floors: `transports` fetch bytes, `landing` keeps them and chooses
which delivery counts, `readers` make rows of them.
"""

# The door: what other rooms may use.
__all__ = ["landing", "readers", "transports"]
