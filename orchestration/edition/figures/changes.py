"""Changes since the last assessment: this edition's figures against the previous one's frozen figures.

Both editions print the cells of their own `figures`. A cell of the previous edition is compared if this
one could contain it: wards, LSOAs and rows without a place are printed only for an edition's own year,
so those of an earlier year are neither withdrawn nor unchanged. A figure that disclosure control
withholds in either edition is not compared.
"""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import pandas as pd

from orchestration.core.errors import WarehouseError

NEW, REVISED, WITHDRAWN, UNCHANGED = "new", "revised", "withdrawn", "unchanged"
STATUSES = (NEW, REVISED, WITHDRAWN, UNCHANGED)
COLUMNS = [
    "measure_id", "area_type", "area_code", "area_name", "period_type", "period_start", "period_end",
    "previous", "now", "difference", "status", "deliveries",
]  # fmt: skip
RATE_COLUMNS = ["measure_id", "figures", "deliveries"]
_CELL = ["measure_id", "area_type", "area_code", "period_type", "period_start"]
_SLICE = ["area_type", "period_type", "period_start"]
# An edition prints these figures only for its own year.
_OF_OWN_YEAR = ["ward", "lsoa", "unplaced"]
# Published figures are modelled decimals; the same number may differ in its last bits.
_SAME = 1e-9


class DoubledCell(WarehouseError):
    """A measure, area and period has two figures in one edition. One sentence."""


def since(
    now: pd.DataFrame,
    before: pd.DataFrame | None,
    revisions: pd.DataFrame,
    cut_off: str | None,
) -> pd.DataFrame:
    """Every cell of this edition and the previous one, compared; one row per cell, as `Edition.changes`.

    `now` and `before` are `figures` of the same variant; `before` is `None` for the first assessment,
    which has nothing to compare with and so no rows. `cut_off` is the date of the previous edition's
    newest delivery (ISO; with a time of day where known), `revisions` this edition's table.

    * `new`: the previous edition had no figure, because its period ended later, it was missing or it
      was not counted.
    * `revised`: both have a figure and they differ. `difference` is now minus previous in whole events,
      0 where a published figure changed by less than one. `deliveries` are those of the measure's feed
      that replaced another after the cut-off in a period overlapping the cell's; empty if there were
      none, so that something else (a reference table, a definition) changed it.
    * `withdrawn`: the previous edition had a figure, this one does not.
    * `unchanged`: both have the same count. Its rate may have changed: see `rates_only`.

    Raises:
        DoubledCell: a cell is in one of the frames twice.
    """
    if before is None:
        return pd.DataFrame({name: _empty(name) for name in COLUMNS})
    cells = _compared(now, before)
    was, has = _known(cells, "before"), _known(cells, "now")
    difference = cells.count_now - cells.count_before
    status = np.select(
        [
            (~was & has).to_numpy(),
            (was & ~has).to_numpy(),
            (was & has & _differs(cells)).to_numpy(),
        ],
        [NEW, WITHDRAWN, REVISED],
        default=UNCHANGED,
    )
    cells = cells.assign(
        previous=cells.count_before, now=cells.count_now, difference=difference, status=status
    )
    cells = cells[was | has].reset_index(drop=True)
    moved = cells.status.isin([REVISED, WITHDRAWN])
    deliveries = _deliveries(cells[moved], revisions, cut_off)
    cells = cells.assign(deliveries=deliveries.reindex(cells.index, fill_value=""))
    return cells.sort_values([*_CELL], ignore_index=True)[COLUMNS]


def rates_only(
    now: pd.DataFrame,
    before: pd.DataFrame | None,
    revisions: pd.DataFrame,
    cut_off: str | None,
) -> pd.DataFrame:
    """Figures with the same count but another denominator: their rates changed, their counts did not.

    One row per measure: the number of figures, and the deliveries since the cut-off that may explain
    it: those of the measure's own feed (the base of a share), otherwise those of feeds that count
    nothing (populations). Empty for a first assessment.
    """
    if before is None:
        return pd.DataFrame(
            {"measure_id": [], "figures": [], "deliveries": []}, columns=RATE_COLUMNS
        )
    cells = _compared(now, before)
    both = _known(cells, "before") & _known(cells, "now")
    other_people = (
        cells.denominator_before.ne(cells.denominator_now)
        .fillna(cells.denominator_before.notna() | cells.denominator_now.notna())
        .astype(bool)
    )
    cells = cells[both & ~_differs(cells) & other_people].reset_index(drop=True)
    own = _deliveries(cells, revisions, cut_off)
    cells = cells.assign(own=own.reindex(cells.index, fill_value=""))
    general = _after(revisions[revisions.measure_id.isna()], cut_off)
    elsewhere = _joined(general.assign(cell=0)).get(0, "")
    found = cells.groupby("measure_id", as_index=False).agg(
        figures=("measure_id", "size"), deliveries=("own", "max")
    )
    deliveries = found.deliveries.where(found.deliveries.ne(""), elsewhere)
    return found.assign(deliveries=deliveries)[RATE_COLUMNS]


def _compared(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The cells of both editions side by side, without those that this one could not contain."""
    now, before = _figures(now), _figures(before)
    cells = before.merge(
        now,
        on=_CELL,
        how="outer",
        suffixes=("_before", "_now"),
        validate="one_to_one",
        indicator=True,
    )
    kinds = now[_SLICE].drop_duplicates().assign(is_printed=True)
    cells = cells.merge(kinds, on=_SLICE, how="left")
    ended = cells.period_end_now.where(cells.period_end_now.notna(), cells.period_end_before)
    name = cells.area_name_now.where(cells.area_name_now.notna(), cells.area_name_before)
    cells = cells.assign(period_end=ended, area_name=name)
    can_be_here = cells.is_printed.notna() | ~cells.area_type.isin(_OF_OWN_YEAR)
    kept_back = cells.kept_back_before.eq(True) | cells.kept_back_now.eq(True)
    return cells[can_be_here & ~kept_back].reset_index(drop=True)


def _figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that are compared; `kept_back` where disclosure control withholds the figure."""
    if frame.duplicated(_CELL).any():
        cell = frame.loc[frame.duplicated(_CELL), _CELL].iloc[0]
        raise DoubledCell(
            f"{cell.measure_id} of {cell.area_code} for the {cell.period_type} from "
            f"{cell.period_start:%Y-%m-%d} has two figures in one edition"
        )
    kept_back = (
        frame["suppressed"].notna() if "suppressed" in frame else pd.Series(False, frame.index)
    )
    modelled = frame.modelled_count if "modelled_count" in frame else np.nan
    return pd.DataFrame(
        {
            **{name: frame[name] for name in [*_CELL, "area_name"]},
            "period_start": pd.to_datetime(frame.period_start),
            "period_end": pd.to_datetime(frame.period_end),
            "count": frame["count"].astype("Int64"),
            "modelled": pd.Series(modelled, frame.index).astype(float),
            "rate": frame.rate.astype(float),
            "denominator": frame.denominator.astype("Int64"),
            "kept_back": kept_back,
        }
    )


def _known(cells: pd.DataFrame, edition: str) -> pd.Series:
    """Whether an edition has the figure: a count, or a published rate without one."""
    return cells[f"count_{edition}"].notna() | cells[f"rate_{edition}"].notna()


def _differs(cells: pd.DataFrame) -> pd.Series:
    """Whether two known figures differ: counts as whole events, published figures as numbers."""
    is_number = cells.modelled_before.notna() & cells.modelled_now.notna()
    is_number |= cells.count_before.isna() & cells.count_now.isna()
    same_number = pd.Series(
        np.isclose(
            cells.modelled_before, cells.modelled_now, rtol=_SAME, atol=_SAME, equal_nan=True
        )
        & np.isclose(cells.rate_before, cells.rate_now, rtol=_SAME, atol=_SAME, equal_nan=True),
        index=cells.index,
    )
    counts = cells.count_before.ne(cells.count_now).fillna(False).astype(bool)
    return counts.where(~is_number, ~same_number)


def _after(revisions: pd.DataFrame, cut_off: str | None) -> pd.DataFrame:
    """The revisions after the previous edition; for a cut-off without a time, from the next day on."""
    if cut_off is None:
        return revisions
    known = datetime.fromisoformat(cut_off)
    if len(cut_off) == len(date.min.isoformat()):
        known = datetime.combine(known.date(), time.max)
    return revisions[pd.to_datetime(revisions.replaced_at).gt(pd.Timestamp(known))]


def _deliveries(cells: pd.DataFrame, revisions: pd.DataFrame, cut_off: str | None) -> pd.Series:
    """By the cell's index, the deliveries of its measure's feed that revised a period within its own."""
    later = _after(revisions[revisions.measure_id.notna()], cut_off)
    pairs = cells.assign(cell=cells.index)[
        ["cell", "measure_id", "period_start", "period_end"]
    ].merge(later, on="measure_id", suffixes=("", "_revised"))
    starts, ends = pairs.period_start_revised, pairs.period_end_revised
    touches = starts.isna() | (
        pd.to_datetime(starts).le(pairs.period_end) & pd.to_datetime(ends).ge(pairs.period_start)
    )
    return _joined(pairs[touches])


def _joined(pairs: pd.DataFrame) -> pd.Series:
    """The distinct `feed period` of the rows of each `cell`, in order, joined by commas."""
    pairs = pairs.assign(delivery=pairs.feed.astype(str) + " " + pairs.period.astype(str))
    once = pairs[["cell", "delivery"]].drop_duplicates().sort_values(["cell", "delivery"])
    return once.groupby("cell").delivery.agg(", ".join)


def _empty(name: str) -> pd.Series:
    if name in ("previous", "now", "difference"):
        return pd.Series(dtype="Int64")
    is_day = name in ("period_start", "period_end")
    return pd.Series(dtype="datetime64[us]" if is_day else object)
