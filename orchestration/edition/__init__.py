"""The edition: the yearly strategic assessment, from the published warehouse to frozen files.

`figures` reads the tables, `workspace` the analyst's text and scores, `gate` decides, `report` and
`package` render; `candidate`, `gather`, `render`, `freeze` and `issue` combine them.
"""

# The public interface: what other packages may use.
__all__ = [
    "candidate",
    "figures",
    "freeze",
    "gate",
    "issue",
    "package",
    "printed_reasons",
    "report",
    "summary",
    "toolchain",
    "workspace",
]
