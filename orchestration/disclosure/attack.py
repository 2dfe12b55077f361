"""How tightly the equations between cells bound each of them: linear programming over what is printed.

Every solution of a linear programme is a set of counts that the public tables allow. Two solutions that
are far enough apart in a cell show that it is safe; only cells without such a pair are minimised and
maximised one by one. A cell is called pinned on the evidence of its exact minimum and maximum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from orchestration.core.errors import WarehouseError

Numbers = npt.NDArray[np.float64]
# Stands in for "no bound": large enough never to narrow a cell of 1 to 7.
_FAR = 1e6
# So many times all cells that are not known to be safe yet are moved together, while they are not few.
_ROUNDS, _FEW = 4, 3
_SLACK = 1e-6


class NothingFits(WarehouseError):
    """No counts fit the public tables and relations: the attack cannot be trusted. One sentence."""


@dataclass(frozen=True)
class Attack:
    """`found` has one row per target: var, low, high (integers), is_exact (otherwise at least as wide).

    `components` and `programmes` count the groups of linked cells attacked and the programmes solved.
    """

    found: pd.DataFrame
    components: int
    programmes: int


@dataclass(frozen=True)
class _System:
    low: Numbers
    high: Numbers
    matrix: csr_matrix
    constant: Numbers
    is_equal: npt.NDArray[np.bool_]


def attack(variables: pd.DataFrame, terms: pd.DataFrame) -> Attack:
    """The interval of every target that the terms allow.

    `variables` has one row per variable, numbered from 0 by `var`: low, high (NaN: no bound), target
    (bool) and least_width (the width its interval has to keep). `terms` has relation, sense (`=` or
    `<=`), constant, var, coefficient. Reference: exact and linear bounds of suppressed cells, Willenborg
    and de Waal, Elements of Statistical Disclosure Control (2001), chapter 6.

    Raises:
        NothingFits: the relations and bounds contradict each other.
    """
    system = _system(variables, terms)
    least = np.where(variables["target"], variables["least_width"], 0).astype(float)
    targets = np.flatnonzero(variables["target"].to_numpy())
    low, high = system.low.copy(), system.high.copy()
    exact = np.ones(len(variables), dtype=bool)
    solved = parts = 0
    for members, rows in _components(system, targets):
        parts += 1
        part = _Part(system, members, rows)
        wanted = np.intersect1d(members, targets)
        low[wanted], high[wanted], exact[wanted] = part.attack(wanted, least[wanted])
        solved += part.solved
    return Attack(
        pd.DataFrame(
            {
                "var": targets,
                "low": np.ceil(low[targets] - _SLACK),
                "high": np.floor(high[targets] + _SLACK),
                "is_exact": exact[targets],
            }
        ),
        parts,
        solved,
    )


class _Part:
    """One group of linked variables."""

    def __init__(
        self, system: _System, members: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
    ) -> None:
        self._members = members
        matrix = system.matrix[rows][:, members]
        equal = system.is_equal[rows]
        constant = system.constant[rows]
        self._limits = np.column_stack([system.low[members], system.high[members]])
        self._equal = (matrix[equal], constant[equal]) if equal.any() else (None, None)
        self._below = (matrix[~equal], constant[~equal]) if (~equal).any() else (None, None)
        self.solved = 0

    def attack(
        self, wanted: npt.NDArray[np.int64], least: Numbers
    ) -> tuple[Numbers, Numbers, npt.NDArray[np.bool_]]:
        """Lower and upper bound of the wanted variables, and whether these are the exact ends."""
        places = np.searchsorted(self._members, wanted)
        low, high = np.full(len(wanted), np.inf), np.full(len(wanted), -np.inf)
        exact = np.zeros(len(wanted), dtype=bool)

        def see(objective: Numbers) -> Numbers:
            seen = self._solve(objective)[places]
            np.minimum(low, seen, out=low)
            np.maximum(high, seen, out=high)
            return seen

        def is_safe(of: int | slice = slice(None)) -> npt.NDArray[np.bool_]:
            """Whether a pair of solutions has shown a variable to be safe; by default, each."""
            width = np.floor(high[of] + _SLACK) - np.ceil(low[of] - _SLACK)
            return width >= least[of] + 1

        random = np.random.default_rng(0)
        for _ in range(_ROUNDS):
            left = np.flatnonzero(~is_safe())
            if len(left) < _FEW:
                break
            objective = np.zeros(len(self._members))
            objective[places[left]] = random.choice([-1.0, 1.0], len(left))
            see(objective)
            see(-objective)
        for index in range(len(wanted)):
            if is_safe(index):  # by the programmes of another one
                continue
            objective = np.zeros(len(self._members))
            objective[places[index]] = 1.0
            low[index] = see(objective)[index]
            high[index] = see(-objective)[index]
            exact[index] = True
        return low, high, exact

    def _solve(self, objective: Numbers) -> Numbers:
        """A solution that minimises the objective."""
        self.solved += 1
        answer = linprog(
            objective,
            A_ub=self._below[0],
            b_ub=self._below[1],
            A_eq=self._equal[0],
            b_eq=self._equal[1],
            bounds=self._limits,
            method="highs-ds",
        )
        if answer.status != 0:
            raise NothingFits(
                "the public tables and the relations between measures fit no counts at all"
                f" ({answer.message.strip()})"
            )
        found: Numbers = answer.x
        return found


def _system(variables: pd.DataFrame, terms: pd.DataFrame) -> _System:
    """The equations with the exactly printed variables moved into the constants."""
    low = variables["low"].to_numpy(dtype=float)
    high = np.nan_to_num(variables["high"].to_numpy(dtype=float), nan=np.inf)
    high = np.minimum(high, np.maximum(low, 0) + _FAR)
    fixed = low == high
    codes, names = pd.factorize(terms["relation"])
    column = terms["var"].to_numpy(dtype=int)
    weight = terms["coefficient"].to_numpy(dtype=float)
    first = np.unique(codes, return_index=True)[1]
    constant = terms["constant"].to_numpy(dtype=float)[first].copy()
    known = fixed[column]
    np.subtract.at(constant, codes[known], weight[known] * low[column[known]])
    matrix = coo_matrix(
        (weight[~known], (codes[~known], column[~known])), shape=(len(names), len(variables))
    ).tocsr()
    return _System(low, high, matrix, constant, (terms["sense"].to_numpy()[first] == "="))


def _components(
    system: _System, targets: npt.NDArray[np.int64]
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Groups of variables linked by equations that contain a target, with those equations."""
    held = abs(system.matrix)
    _, label = connected_components(held.T @ held, directed=False)
    filled = np.flatnonzero(np.diff(system.matrix.indptr))
    owner = label[system.matrix.indices[system.matrix.indptr[filled]]]
    by_label = pd.Series(np.arange(len(label))).groupby(label)
    members = {key: np.asarray(place) for key, place in by_label.indices.items()}
    rows = pd.Series(filled).groupby(owner).indices
    for key in np.unique(label[targets]):
        if key in rows:
            yield members[key], filled[np.asarray(rows[key])]
