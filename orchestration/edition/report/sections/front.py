"""The front of the report: what it is, the main points on one page, the area, how to read it."""

from __future__ import annotations

import pandas as pd

from orchestration.edition.model import Edition
from orchestration.edition.report import rows, text, words, words_sources
from orchestration.edition.report.blocks import Items, Panel, Section, Words
from orchestration.edition.report.book import Book, Column, Table, figure_column


def facts(edition: Edition) -> list[tuple[str, str]]:
    """What stands under the title: period, version, mode, data date, marking."""
    year = edition.year
    told = [
        ("Period", text.period(year.starts_on, year.ends_on)),
        ("Marking", edition.variant.upper()),
        ("Version", f"{edition.version}{' (draft)' if edition.is_draft else ''}"),
        ("Kind", _mode(edition)),
        ("Data as at", text.day(edition.data_as_at)),
    ]
    if edition.before is not None:
        told.append(("Compared with", words_sources.last_assessment(edition.before)))
    if edition.reissue_reason:
        told.append(("Why reissued", edition.reissue_reason))
    return told


def _mode(edition: Edition) -> str:
    if edition.mode == "full":
        return "Full assessment, the first of a three-year cycle"
    if edition.baseline is None:
        return "Refresh; this warehouse holds no full assessment of the cycle"
    return f"Refresh of the full assessment of {text.label(edition.baseline.year)}"


def main_points(edition: Edition, book: Book, heads: list[rows.Row]) -> Section:
    """One page for the chair: what is clear, what is not, and the ten priorities in a table."""
    found = Section("main-points", "Main points", begins_page=True)
    found.add(Items(points(edition, heads)))
    found.add(_table(edition, book, heads))
    return found


def points(edition: Edition, heads: list[rows.Row]) -> list[str]:
    """The main points as sentences: clear changes first, then people, plan, law and gaps."""
    clear = [
        row
        for row in heads
        if row["change_is_significant"] and not row["suppressed"] and not row["previous_suppressed"]
    ]
    told = [
        f"{text.upper_first(_priority(row))}: {text.lower_first(row['measure_name'])} "
        f"{words.change(row)}"
        f" ({'about ' if row['is_rounded'] else ''}{text.units(row['count'], row['unit'])}), "
        f"more than chance{_judgement(row)}."
        for row in clear
        if row["count"] is not None
    ]
    same = [
        row
        for row in heads
        if row["change_is_significant"] is not None and not row["change_is_significant"]
    ]
    if same:
        told.append(
            f"{text.upper_first(text.few(len(same)))} of {text.few(len(heads))} priorities "
            "show no change that is more than chance."
        )
    unknown = [row for row in heads if row["change_is_significant"] is None]
    if unknown:
        names = text.listed([_priority(row) for row in unknown])
        told.append(f"No change can be judged for {names}.")
    return [
        *told,
        *_people(edition),
        *_ranked(edition, heads),
        *_plan(edition),
        *_law(edition),
        *_supplied(edition),
    ]


def _priority(row: rows.Row) -> str:
    return text.lower_first(row["priority_name"])


def _judgement(row: rows.Row) -> str:
    if row["polarity"] == "neutral":
        return ""
    return {"better": " and for the better", "worse": " and for the worse"}.get(row["verdict"], "")


def _people(edition: Edition) -> list[str]:
    asked = rows.table(edition, "perception")
    if "public_rank" not in asked or asked["public_rank"].isna().all():
        return []
    first = asked.sort_values(["public_rank", "priority_name"]).head(3)["priority_name"]
    return [
        "People who answered the consultation put first: "
        f"{text.listed([text.lower_first(name) for name in first])}."
    ]


def _ranked(edition: Edition, heads: list[rows.Row]) -> list[str]:
    ranking = edition.ranking
    if "rank" not in ranking or ranking["rank"].isna().all():
        return []
    names = {row["priority_id"]: _priority(row) for row in heads}
    first = ranking.drop_duplicates("priority_id").sort_values(["rank", "priority_id"]).head(3)
    named = text.listed([names.get(one, one) for one in first["priority_id"]])
    return [f"The partnership’s own scores put first: {named}."]


def _plan(edition: Edition) -> list[str]:
    plan = rows.table(edition, "plan")
    if "rag" not in plan or plan.empty:
        return []
    done, late = int((plan["rag"] == "complete").sum()), int(plan["is_overdue"].fillna(False).sum())
    overdue = f"{text.few(late)} overdue" if late else "no action is overdue"
    return [f"Of {len(plan)} actions of the plan, {done} are complete and {overdue}."]


def _law(edition: Edition) -> list[str]:
    checklist = edition.checklist
    if "state" not in checklist or checklist.empty:
        return []
    gaps = int((checklist["state"] != "evidence").sum())
    if gaps == 0:
        return ["Every element that regulation 7 asks for has its evidence."]
    return [
        f"Regulation 7: {text.few(gaps)} of {len(checklist)} elements by priority "
        f"{'has' if gaps == 1 else 'have'} a recorded gap."
    ]


def _supplied(edition: Edition) -> list[str]:
    feeds = rows.table(edition, "completeness")
    if "delivered" not in feeds or feeds.empty:
        return []
    short = feeds[feeds["missing"] + feeds["refused"] > 0]
    if short.empty:
        return [f"All {len(feeds)} feeds delivered every period that was due."]
    return [
        f"{text.upper_first(text.few(len(short)))} of {len(feeds)} feeds did not deliver every "
        f"period that "
        f"was due: {text.listed(short['title'].map(text.lower_first).tolist(), 3)}."
    ]


def _table(edition: Edition, book: Book, heads: list[rows.Row]) -> Table | None:
    year = edition.year.label
    now, before = text.label(year), text.label(text.previous_year(year))
    frame = pd.DataFrame(heads)
    frame["moved"] = [_arrow(row) for row in heads]
    frame["sure"] = [_sure(row) for row in heads]
    frame["hidden"] = frame["suppressed"].fillna(frame["previous_suppressed"])
    columns = [
        Column("priority_name", "Priority"),
        Column("measure_name", "Headline measure"),
        figure_column("count", now, text.count, is_tight=True),
        figure_column(
            "previous_count",
            before,
            text.count,
            is_tight=True,
            suppressed_by="previous_suppressed",
            reason="not_judged_because",
        ),
        Column(
            "moved", "Direction", is_tight=True, suppressed_by="hidden", reason="not_judged_because"
        ),
        Column("sure", "Confidence", suppressed_by="hidden"),
    ]
    return book.table(
        frame,
        f"The ten priorities, {now} and {before}"
        if len(heads) == 10
        else f"The priorities, {now} and {before}",
        columns,
    )


def _arrow(row: rows.Row) -> str | None:
    moved = words.change(row)
    if not moved:
        return None
    sign = (
        "▲ "
        if moved.startswith(("up", "higher"))
        else "▼ "
        if moved.startswith(("down", "lower"))
        else "■ "
    )
    return sign + moved


def _sure(row: rows.Row) -> str:
    if row["change_is_significant"] is None:
        return "cannot be judged"
    return (
        f"more than chance{_judgement(row)}" if row["change_is_significant"] else "no clear change"
    )


def profile(edition: Edition, book: Book) -> Section:
    """What the area is."""
    found = Section("area-profile", f"About {edition.area_name}")
    frame = rows.table(edition, "area_profile")
    if not frame.empty:
        frame = frame.assign(
            value=frame["value"].map(
                lambda value: (
                    f"{int(value):,}" if isinstance(value, str) and value.isdigit() else value
                )
            )
        )
    columns = [
        Column("fact", "Fact"),
        Column("value", "Number", is_number=True, absent="not supplied"),
        Column("unit", "What it is"),
    ]
    found.add(book.table(frame, f"{edition.area_name} in numbers", columns))
    return found


def how_to_read(edition: Edition) -> Section:
    """What the words and signs of the report mean."""
    found = Section("how-to-read", "How to read this report")
    found.add(
        Words(
            [
                "Every sentence beside a chart is written by rule from the numbers in it. Only "
                "the parts headed "
                "“What the analyst says” are written by a person.",
            ]
        )
    )
    entries = [
        "“More than chance” means that a change as large would come by chance in fewer than one "
        "case in twenty.",
        "A 95% confidence interval is the range in which the underlying rate is likely to lie.",
        "In a control chart, nearly all months lie within the dashed lines when nothing has "
        "changed. A month outside "
        "them, eight in a row on one side of the average, or six in a row rising or falling is a "
        "signal to ask why.",
        "In a ward chart, marks outside the funnel differ from the whole area by more than chance.",
        "“Better” and “worse” are said only of measures where it is agreed which is which. Where "
        "more may mean that "
        "more is reported or found, nothing is said.",
        "Recorded crime is what the police record, not all that happens. A gap in a line is a "
        "month without a figure.",
        f"{text.SUPPRESSED} marks a figure that is {text.SUPPRESSED_IN_WORDS}. A zero is a true "
        f"zero.",
    ]
    if edition.variant == "official":
        entries.append(
            "In this public version small counts are hidden and others are rounded; rates and "
            "changes are "
            "made from what is shown."
        )
    found.add(Items(entries))
    return found


def warnings(edition: Edition) -> list[Panel]:
    """What has to be said before anything else: made-up data, a draft and why."""
    found = []
    if edition.is_synthetic:
        found.append(
            Panel(
                "SYNTHETIC",
                [
                    "All figures are made up to show the report. They say nothing about any "
                    "place or person."
                ],
            )
        )
    if edition.is_draft:
        reasons = list(edition.reasons) or ["No reason is recorded."]
        found.append(Panel("DRAFT: this assessment has not been issued", reasons))
    return found
