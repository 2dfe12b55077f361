"""The analyst's workspace of one assessment: commentary, judged scores and recorded gaps, as files.

    commentary/<priority_id>.md          text of the OFFICIAL-SENSITIVE edition
    commentary/<priority_id>.public.md   text of the OFFICIAL edition, which prints nothing else
    ranking.csv                          scores from 0 to 4, with scorer, date and evidence
    gaps.yaml                            elements of regulation 7 that have no evidence, and why

Missing files are created once; existing files are never overwritten. Guidance is in HTML comments,
which are not printed and do not count as text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from orchestration.core.errors import WarehouseError
from orchestration.core.files import write_text
from orchestration.edition.gate.wording import section_is_filled
from orchestration.edition.workspace import plain_text, ranking, synthetic_commentary

WHY, SO_WHAT = "Why", "So what"
HEADINGS = (WHY, SO_WHAT)
COMMENTARY, RANKING, GAPS = "commentary", "ranking.csv", "gaps.yaml"
PUBLIC = ".public"
_GAPS_TEMPLATE = """\
# Elements of regulation 7 that have no evidence for a priority, and why. Each is printed in the edition.
# - element: 3
#   priority_id: county_lines
#   reason: Why the evidence is not there, in a sentence.
#   recorded_by: Who says so, by name or role.
"""
_GUIDANCE = {
    WHY: "Why did the figures change? What is known from partners, operations, reviews or changes of "
    "recording, and what is only supposed? Name the source of each.",
    SO_WHAT: "What should the partnership do, who leads, and by when will it be seen?",
}


class WorkspaceError(WarehouseError):
    """A file of the workspace cannot be used. One sentence that names it and never repeats its text."""


@dataclass(frozen=True)
class Workspace:
    """What the analyst wrote.

    `commentary` and `public_commentary` are markdown by priority_id, without comments, only where there
    is text. `scores` as `ranking.read_scores`. `gaps` as they were written: mappings with element,
    priority_id, reason and recorded_by, which gate 3 judges.
    """

    commentary: Mapping[str, str]
    public_commentary: Mapping[str, str]
    scores: pd.DataFrame
    gaps: tuple[Mapping[str, Any], ...]


def is_filled(markdown: str) -> bool:
    """Whether both Why and So what say something in the analyst's own words."""
    return all(section_is_filled(markdown, heading) for heading in HEADINGS)


def prepare(
    folder: Path,
    year: str,
    priorities: Mapping[str, str],
    criteria: pd.DataFrame,
    *,
    synthetic: bool,
) -> list[Path]:
    """Write every missing file of the workspace; return those that were written, in order.

    `priorities` are names by priority_id in the partnership's order, `criteria` those of the ranking.
    Real work begins with guidance and blank scores; the synthetic city with text and scores that are
    invented and labelled as such.
    """
    judged = list(criteria.criterion[criteria.kind.eq(ranking.JUDGED)])
    wanted = {
        f"{COMMENTARY}/{priority_id}{suffix}.md": (
            synthetic_commentary.commentary(priority_id, name, is_public=bool(suffix))
            if synthetic
            else _template(name, year, is_public=bool(suffix))
        )
        for priority_id, name in priorities.items()
        for suffix in ("", PUBLIC)
    }
    rows = synthetic_commentary.scores(list(priorities), judged, year) if synthetic else [
        [priority_id, criterion, "", "", "", ""] for priority_id in priorities for criterion in judged
    ]  # fmt: skip
    wanted[RANKING] = _as_csv([ranking.SCORE_COLUMNS, *rows])
    wanted[GAPS] = _GAPS_TEMPLATE
    missing = [name for name in wanted if not (folder / name).exists()]
    for name in missing:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_text(folder / name, wanted[name])
    return [folder / name for name in missing]


def read(
    folder: Path, priorities: Mapping[str, str], criteria: pd.DataFrame, *, synthetic: bool
) -> Workspace:
    """The workspace as the analyst left it. A file that was removed counts as blank.

    Raises:
        WorkspaceError: the folder is missing; a file does not belong to the workspace, cannot be read,
            has headings other than Why and So what, contains personal data, contains a small number in
            published text, or is invented while the figures are real.
        RankingError: a score of ranking.csv is wrong.
    """
    if not folder.is_dir():
        raise WorkspaceError(f"there is no workspace {folder.name} yet")
    _refuse_unknown(folder, priorities)
    words = {
        (priority_id, suffix): _commentary(folder / COMMENTARY / f"{priority_id}{suffix}.md")
        for priority_id in priorities
        for suffix in ("", PUBLIC)
    }
    scores = pd.DataFrame(columns=ranking.SCORE_COLUMNS)
    if (folder / RANKING).exists():
        scores = ranking.read_scores(folder / RANKING, priorities, criteria)
    gaps = _gaps(folder / GAPS, priorities)
    texts = _texts(words, scores, gaps)
    if (fault := plain_text.first_fault(texts)) is not None:
        raise WorkspaceError(fault)
    made_up = texts[texts.text.str.contains(synthetic_commentary.MARK, regex=False)]
    if not synthetic and not made_up.empty:
        raise WorkspaceError(f"{made_up.place.iloc[0]} is made up, but the figures are real")
    return Workspace(
        commentary={name: text for (name, suffix), text in words.items() if not suffix and text},
        public_commentary={name: text for (name, suffix), text in words.items() if suffix and text},
        scores=scores,
        gaps=gaps,
    )


def _refuse_unknown(folder: Path, priorities: Mapping[str, str]) -> None:
    """Refuse a file that does not belong to the workspace: its text would be lost silently."""
    known = {RANKING, GAPS} | {
        f"{COMMENTARY}/{priority_id}{suffix}.md"
        for priority_id in priorities
        for suffix in ("", PUBLIC)
    }
    found = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )
    if stray := [name for name in found if name not in known]:
        raise WorkspaceError(
            f"{stray[0]} is no file of the workspace: commentary is named after a priority_id"
        )


def _commentary(path: Path) -> str:
    """The text of a commentary without its comments; empty if nothing has been written yet."""
    if not path.exists():
        return ""
    text = plain_text.without_comments(_text_of(path))
    where = f"{COMMENTARY}/{path.name}"
    if "<!--" in text or "-->" in text:
        raise WorkspaceError(f"{where} has a comment that does not begin or end")
    if re.search(r"<[A-Za-z/!?]", text) or "![" in text:
        raise WorkspaceError(f"{where} holds HTML or a picture; write plain markdown")
    heads = re.findall(r"^#{1,2}(?!#)[ \t]*(.*?)[ \t#]*$", text, flags=re.MULTILINE)
    if text.strip() and heads != list(HEADINGS):
        raise WorkspaceError(
            f"{where} must have the headings ## Why and ## So what, once and in order"
        )
    if not text.lstrip().startswith("##") and text.strip():
        raise WorkspaceError(f"{where} has words before its first heading")
    parts = re.split(r"^#{1,2}(?!#).*$", text, flags=re.MULTILINE)
    return text if any(part.strip() for part in parts) else ""


def _gaps(path: Path, priorities: Mapping[str, str]) -> tuple[Mapping[str, Any], ...]:
    if not path.exists():
        return ()
    try:
        written = yaml.safe_load(_text_of(path))
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f", line {mark.line + 1}," if mark is not None else ""
        raise WorkspaceError(f"{path.name}{line} is not YAML that can be read") from problem
    if written is None:
        return ()
    if not isinstance(written, list) or not all(isinstance(gap, dict) for gap in written):
        raise WorkspaceError(
            f"{path.name} must be a list of element, priority_id, reason, recorded_by"
        )
    for number, gap in enumerate(written, start=1):
        if gap.get("priority_id") not in list(priorities):
            raise WorkspaceError(f"{path.name}, gap {number} is for no priority that there is")
    return tuple(written)


def _texts(
    words: Mapping[tuple[str, str], str], scores: pd.DataFrame, gaps: tuple[Mapping[str, Any], ...]
) -> pd.DataFrame:
    """Every line and field that an edition prints, with its place; both editions print scores and gaps."""
    lines = [
        (f"{COMMENTARY}/{name}{suffix}.md, line {number}", line, bool(suffix))
        for (name, suffix), text in words.items()
        for number, line in enumerate(text.splitlines(), start=1)
    ]
    fields = [
        (f"{GAPS}, gap {number}", f"{gap.get('reason')} ~ {gap.get('recorded_by')}", True)
        for number, gap in enumerate(gaps, start=1)
    ]
    found = pd.DataFrame([*lines, *fields], columns=["place", "text", "is_public"])
    judged = pd.DataFrame(
        {
            "place": RANKING + ", " + scores.priority_id + " and " + scores.criterion,
            "text": scores.scorer + " ~ " + scores.evidence,
            "is_public": True,
        }
    )
    return pd.concat([found, judged], ignore_index=True).astype(
        {"place": "string", "text": "string", "is_public": bool}
    )


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise WorkspaceError(f"{path.name} cannot be read as text in UTF-8") from problem


def _template(name: str, year: str, *, is_public: bool) -> str:
    which = "OFFICIAL edition, which anybody may read: no small numbers, nobody to be recognised" if (
        is_public
    ) else "OFFICIAL-SENSITIVE edition"  # fmt: skip
    parts = [
        f"<!-- {name}, {year}. Words for the {which}. Comments like this one are not printed. -->"
    ]
    parts += [f"## {heading}\n\n<!-- {_GUIDANCE[heading]} -->" for heading in HEADINGS]
    return "\n\n".join(parts) + "\n"


def _as_csv(rows: list[list[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()
