"""The audit: an attacker who has the public tables and can do arithmetic, compared with the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from orchestration.core.engine import connect
from orchestration.disclosure import allow_list, cells, months, readings, relations
from orchestration.disclosure.attack import attack
from orchestration.disclosure.publish import queried
from orchestration.disclosure.queries import make, query
from orchestration.disclosure.register import Rules, workspace

_NARROWEST = 20
_WITH_CELLS = ("methods", "figures", "profiles", "consultation", "external")
FINDINGS = ("kind", "table", "cell", "item", "detail")


@dataclass(frozen=True)
class Previous:
    """The previous edition's `cells.counts`: as published, and before disclosure control."""

    public: pd.DataFrame
    true: pd.DataFrame


@dataclass(frozen=True)
class Audit:
    """What the attack found.

    * `cells` is the number of counts read, printed or hidden; `attacked` the protected ones of 1 to 7;
      `relations` the number of equations; `components` and `programmes` what was solved.
    * `narrowest` holds the protected counts with the narrowest interval: cell, item, low, high, width,
      least_width, is_exact (false: at least as wide). It contains no true count.
    * `findings` has one row per fault: kind (`pinned`, `printed`, `false`, `contradiction`, `geography`,
      `period`, `detail`, `derived`, `unlisted`), table, cell, item, detail. No row: passed.
    * `untrue` counts relations that the counts do not quite satisfy; they bind within their error.
    """

    cells: int
    attacked: int
    relations: int
    components: int
    programmes: int
    narrowest: pd.DataFrame
    findings: pd.DataFrame
    untrue: int

    @property
    def passed(self) -> bool:
        """Whether there are no findings."""
        return len(self.findings) == 0


def audit(
    public: Mapping[str, pd.DataFrame],
    true: Mapping[str, pd.DataFrame],
    rules: Rules,
    previous: Previous | Sequence[Previous] | None = None,
) -> Audit:
    """Attack the public tables, and compare what they disclose with the rules.

    `true` are the tables before control; only `figures`, `profiles`, `consultation`, `external` and
    `methods` are used, to determine which cells have to be protected.

    Raises:
        NothingFits: no counts fit the public tables.
        UnknownMeasure: a true figure belongs to no registered measure.
    """
    with attacked_space(public, known(true, rules, previous), rules) as space:
        return judged(space, public, pinned(space))


@dataclass(frozen=True)
class Known:
    """What the audit compares with: `truth` per cell and item, and `before`, the previous edition's
    public figures of cells that have not been revised since. `people` are the denominators of the true
    figures: the population of an area is published by the Office for National Statistics."""

    truth: pd.DataFrame
    before: pd.DataFrame
    people: pd.DataFrame


def known(
    true: Mapping[str, pd.DataFrame],
    rules: Rules,
    previous: Previous | Sequence[Previous] | None = None,
) -> Known:
    """The true figures of this edition, and of earlier editions where this one has no such cell.

    Of several editions (a reissue follows an edition of its own year) the newest comes first: figures
    that a later one revised disclose nothing any more, even about cells that this edition lacks.
    """
    earlier = [previous] if isinstance(previous, Previous) else list(previous or [])
    figures = true["figures"]
    counts = cells.counts(true)
    # The best known value of a cell: our own figure, otherwise that of the newest edition with one.
    known_since = [counts, *(one.true for one in earlier)]
    before = [_unrevised(one, known_since[: place + 1]) for place, one in enumerate(earlier)] or [
        _no_marks(figures)
    ]
    return Known(
        _truth(true, rules, earlier),
        pd.concat(before, ignore_index=True),
        figures[[*cells.KEY, "denominator"]],
    )


def attacked_space(
    public: Mapping[str, pd.DataFrame], held_against: Known, rules: Rules
) -> duckdb.DuckDBPyConnection:
    """A database with the attacker's `reading`, `item` (bounds) and `held` (equations)."""
    others = {name: getattr(held_against, name) for name in ("before", "truth", "people")}
    space = workspace({**queried(public), **others}, rules)
    readings.read(space)
    make(space, "item")
    months.judge(space, months.PRINTED)
    relations.relate(space)
    make(space, "untrue")
    make(space, "held")
    return space


def judged(
    space: duckdb.DuckDBPyConnection, public: Mapping[str, pd.DataFrame], found: Pinned
) -> Audit:
    """The audit of an attacker's workspace whose protected counts have been attacked."""
    faults = pd.concat([_faults(space, public), found.faults], ignore_index=True)
    counts = space.execute(
        "select (select count(*) from item where item <> 'rest'),"
        " (select count(distinct relation) from held), (select count(*) from untrue)"
    ).fetchone()
    assert counts is not None
    return Audit(
        cells=int(counts[0]),
        attacked=found.attacked,
        relations=int(counts[1]),
        components=found.components,
        programmes=found.programmes,
        narrowest=found.narrowest,
        findings=faults.sort_values(list(FINDINGS), ignore_index=True),
        untrue=int(counts[2]),
    )


@dataclass(frozen=True)
class Pinned:
    """Protected counts of 1 to 7 that are pinned (`faults`), and the work it took to find them."""

    faults: pd.DataFrame
    narrowest: pd.DataFrame
    attacked: int
    components: int
    programmes: int


def pinned(
    space: duckdb.DuckDBPyConnection, only: frozenset[tuple[str, str]] | None = None
) -> Pinned:
    """Attack the protected counts of 1 to 7 in an attacker's workspace, or `only` those given."""
    variables = space.execute(query("variables")).df()
    if only is not None:
        pairs = pd.MultiIndex.from_frame(variables[["cell", "item"]])
        variables["target"] = variables["target"] & pairs.isin(list(only))
    space.register("_variables", variables)
    terms = space.execute(
        "select h.relation, h.sense, h.constant, v.var, h.coefficient from held as h"
        " inner join _variables as v on v.cell = h.cell and v.item = h.item order by 1, 4"
    ).df()
    space.unregister("_variables")
    result = attack(variables, terms)
    table = result.found.merge(variables[["var", "cell", "item", "least_width"]], on="var")
    table = table.assign(width=table["high"] - table["low"]).astype(
        {"low": "int64", "high": "int64", "width": "int64", "least_width": "int64"}
    )
    table = table.sort_values(["width", "cell", "item"], ignore_index=True)
    columns = ["cell", "item", "low", "high", "width", "least_width", "is_exact"]
    narrow = pd.concat(
        [table[table["width"] < table["least_width"]], _by_luck(space, only)], ignore_index=True
    ).drop_duplicates(["cell", "item"], ignore_index=True)
    detail = [
        f"lies between {low} and {high}: {high - low} wide, and has to stay {least} wide"
        for low, high, least in zip(
            narrow["low"], narrow["high"], narrow["least_width"], strict=True
        )
    ]
    faults = narrow.assign(kind="pinned", table="all", detail=detail)[list(FINDINGS)]
    return Pinned(
        faults, table[columns].head(_NARROWEST), len(table), result.components, result.programmes
    )


def _by_luck(
    space: duckdb.DuckDBPyConnection, only: frozenset[tuple[str, str]] | None
) -> pd.DataFrame:
    """Counts pinned by a relation to an open total that holds within an error only, taken exactly."""
    near = space.execute(query("near")).df()
    if only is not None:
        near = near[pd.MultiIndex.from_frame(near[["cell", "item"]]).isin(list(only))]
    return near.assign(width=near["high"] - near["low"], is_exact=True)


def _unrevised(previous: Previous, later: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Previous public figures of cells whose true figures are the same in every `later` edition with them."""
    public = previous.public
    with connect() as connection:
        for figures in later:
            for name, frame in (("p", public), ("t", previous.true), ("f", figures)):
                connection.register(name, frame)
            public = connection.execute(query("unrevised")).df()
    return public


def _no_marks(figures: pd.DataFrame) -> pd.DataFrame:
    """An empty frame of previous figures, with their columns."""
    return figures.head(0).assign(suppressed=pd.Series(dtype="object"), is_rounded=False)


def _truth(
    true: Mapping[str, pd.DataFrame], rules: Rules, earlier: Sequence[Previous]
) -> pd.DataFrame:
    """True counts per cell and item; from earlier editions where this one has no such cell."""
    # What is known of earlier ones is their figures, the counts of their profiles among them.
    no_more = {**true, "profiles": true["profiles"].head(0)}
    parts = [true, *({**no_more, "figures": _registered(one, true)} for one in earlier)]
    frames = []
    for tables in parts:
        # Only tables that have cells: the others play no part here.
        with workspace({name: tables[name] for name in _WITH_CELLS}, rules) as connection:
            cells.decide(connection)
            frames.append(connection.execute(query("truth")).df())
    return pd.concat(frames, ignore_index=True).drop_duplicates(["cell", "item"], ignore_index=True)


def _registered(previous: Previous, true: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Previous figures of measures still in the register; for others no rule is known."""
    known = previous.true["measure_id"].isin(true["methods"]["measure_id"])
    return previous.true[known]


def _faults(space: duckdb.DuckDBPyConnection, public: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    make(space, "made_of_counts", "made")
    space.execute(f"insert into made by name {query('made_of_series')}")
    faults = pd.concat(
        [space.execute(query(name)).df() for name in ("faults", "underived")], ignore_index=True
    )
    faults = faults.rename(columns={"source": "table"})
    names = allow_list.unlisted(public)
    listed = pd.DataFrame({"kind": "unlisted", "table": names, "cell": "", "item": ""}).assign(
        detail="is not on the list of what may leave"
    )
    return pd.concat([faults, listed], ignore_index=True)
