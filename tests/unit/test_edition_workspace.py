"""The analyst's workspace: made once, never written over, and refused where it could mislead or harm."""

import re

import pandas as pd
import pytest

from orchestration.core.settings import PROJECT
from orchestration.edition.workspace import analyst_files, ranking, synthetic_commentary

YEAR = "2025-26"
PRIORITIES = dict(
    pd.read_csv(PROJECT / "seeds/partnerships/E06000021/priorities.csv")[["priority_id", "priority_name"]]
    .itertuples(index=False, name=None)
)  # fmt: skip
CRITERIA = ranking.criteria(PROJECT / "seeds/register/ranking_criteria.csv")
JUDGED = int(CRITERIA.kind.eq("judged").sum())
WORDS = "## Why\n\nMore people told the council about it online.\n\n## So what\n\nReview the form in May.\n"


def prepared(folder, synthetic=False):
    return analyst_files.prepare(folder / YEAR, YEAR, PRIORITIES, CRITERIA, synthetic=synthetic)


def read(folder, synthetic=False):
    return analyst_files.read(folder / YEAR, PRIORITIES, CRITERIA, synthetic=synthetic)


def written(folder, name, text, synthetic=False):
    """A prepared workspace in which one file holds the text."""
    prepared(folder, synthetic)
    content = text if isinstance(text, bytes) else text.encode()
    (folder / YEAR / name).write_bytes(content)
    return folder


def bytes_of(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_new_workspace_has_a_file_for_everything_and_no_words_yet(tmp_path):
    made = prepared(tmp_path)
    assert len(made) == 2 * len(PRIORITIES) + 2
    assert all(path.is_file() for path in made)
    found = read(tmp_path)
    assert (found.commentary, found.public_commentary, found.gaps) == ({}, {}, ())
    assert found.scores.empty
    rows = pd.read_csv(tmp_path / YEAR / "ranking.csv")
    assert len(rows) == JUDGED * len(PRIORITIES)
    assert rows.score.isna().all()


def test_guidance_does_not_count_as_words(tmp_path):
    prepared(tmp_path)
    template = (tmp_path / YEAR / "commentary/county_lines.md").read_text()
    assert "Why did the figures change?" in template
    assert not analyst_files.is_filled(template)
    assert analyst_files.is_filled(WORDS)
    assert not analyst_files.is_filled(WORDS.replace("Review the form in May.", ""))


@pytest.mark.parametrize("synthetic", [True, False])
def test_nothing_that_is_there_is_written_over(tmp_path, synthetic):
    written(tmp_path, "commentary/county_lines.md", WORDS, synthetic)
    (tmp_path / YEAR / "gaps.yaml").unlink()
    before = bytes_of(tmp_path)
    assert prepared(tmp_path, synthetic) == [tmp_path / YEAR / "gaps.yaml"]
    after = bytes_of(tmp_path)
    assert {name: after[name] for name in before} == before
    assert prepared(tmp_path, synthetic) == []


def test_the_synthetic_city_has_words_and_scores_that_say_so(tmp_path):
    prepared(tmp_path, synthetic=True)
    found = read(tmp_path, synthetic=True)
    assert set(found.commentary) == set(found.public_commentary) == set(PRIORITIES)
    for text in [*found.commentary.values(), *found.public_commentary.values()]:
        assert analyst_files.is_filled(text)
        assert synthetic_commentary.MARK in text
        assert not re.search(r"\d", text)
    assert all(60 <= len(text.split()) <= 130 for text in found.commentary.values())
    assert len(found.scores) == JUDGED * len(PRIORITIES)
    assert found.scores.scorer.str.contains(synthetic_commentary.MARK).all()
    assert found.scores.evidence.str.contains(synthetic_commentary.MARK).all()


def test_made_up_workspaces_are_the_same_every_time(tmp_path):
    prepared(tmp_path / "one", synthetic=True)
    prepared(tmp_path / "other", synthetic=True)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "other")


def test_another_strategys_priorities_and_criteria_have_made_up_words_too(tmp_path):
    own = pd.DataFrame({"criterion": ["cost"], "kind": ["judged"]})
    analyst_files.prepare(tmp_path, YEAR, {"burglary": "Burglary"}, own, synthetic=True)
    found = analyst_files.read(tmp_path, {"burglary": "Burglary"}, own, synthetic=True)
    assert analyst_files.is_filled(found.commentary["burglary"])
    assert found.scores.score.tolist() == [2]


def test_what_the_analyst_wrote_is_read_each_edition_its_own(tmp_path):
    prepared(tmp_path)
    folder = tmp_path / YEAR
    secret = WORDS.replace("More people", "The 3 families of the operation")
    (folder / "commentary/county_lines.md").write_text(f"<!-- note -->\n{secret}")
    (folder / "commentary/domestic_abuse.public.md").write_text(WORDS)
    (folder / "gaps.yaml").write_text(
        "- element: 3\n  priority_id: county_lines\n  reason: The team left.\n  recorded_by: Lead\n"
    )
    found = read(tmp_path)
    assert list(found.commentary) == ["county_lines"]
    assert "note" not in found.commentary["county_lines"]
    assert "3 families" in found.commentary["county_lines"]
    assert list(found.public_commentary) == ["domestic_abuse"]
    assert found.gaps == (
        {
            "element": 3,
            "priority_id": "county_lines",
            "reason": "The team left.",
            "recorded_by": "Lead",
        },
    )


def test_a_file_that_was_taken_away_is_as_if_it_were_blank(tmp_path):
    made = prepared(tmp_path)
    for path in made:
        path.unlink()
    found = read(tmp_path)
    assert (found.commentary, found.public_commentary, found.gaps) == ({}, {}, ())
    assert list(found.scores.columns) == ranking.SCORE_COLUMNS


def test_a_workspace_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(analyst_files.WorkspaceError, match="there is no workspace 2025-26 yet"):
        read(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["commentary/county_line.md", "commentary/county_lines.Public.md", "commentary/all.md", "notes.txt",
     "commentary/county_lines.md.bak", "ranking (1).csv", "deeper/commentary/county_lines.md"],
)  # fmt: skip
def test_a_file_of_another_name_is_refused(tmp_path, name):
    prepared(tmp_path)
    (tmp_path / YEAR / name).parent.mkdir(exist_ok=True, parents=True)
    (tmp_path / YEAR / name).write_text(WORDS)
    with pytest.raises(analyst_files.WorkspaceError) as refused:
        read(tmp_path)
    assert str(refused.value).startswith(f"{name} is no file of the workspace")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("commentary/county_lines.md", WORDS.replace("## So what", "## Then"), "must have the headings"),
        ("commentary/county_lines.md", WORDS + WORDS, "must have the headings"),
        ("commentary/county_lines.md", WORDS.replace("## Why", "### Why"), "must have the headings"),
        ("commentary/county_lines.md", "Words only.\n", "must have the headings"),
        ("commentary/county_lines.md", "Before.\n\n" + WORDS, "has words before its first heading"),
        ("commentary/county_lines.md", WORDS + "<!-- open", "a comment that does not begin or end"),
        ("commentary/county_lines.md", WORDS + "<b>bold</b>", "holds HTML or a picture"),
        ("commentary/county_lines.md", WORDS + "![a](https://example.org/a)", "HTML or a picture"),
        ("commentary/county_lines.md", b"## Why\n\xff", "county_lines.md cannot be read as text"),
        ("commentary/county_lines.md", WORDS + "\nAsk jane@example.org.", "county_lines.md, line 9 holds an"),
        ("commentary/county_lines.public.md", WORDS + "\nThere were 3 deaths.",
         "commentary/county_lines.public.md, line 9 holds a number from 1 to 7"),
        ("commentary/county_lines.public.md", f"<!-- a\nb -->\n{WORDS}two children",
         "commentary/county_lines.public.md, line 10 holds a number"),
        ("gaps.yaml", "- [element", "gaps.yaml, line 1, is not YAML"),
        ("gaps.yaml", "element: 3", "gaps.yaml must be a list"),
        ("gaps.yaml", "- element 3", "gaps.yaml must be a list"),
        ("gaps.yaml", "- element: 3\n  priority_id: crime", "gaps.yaml, gap 1 is for no priority"),
        ("gaps.yaml", "- priority_id: county_lines\n  reason: 3 officers left", "gaps.yaml, gap 1 holds a"),
        ("ranking.csv", ",".join(ranking.SCORE_COLUMNS)
         + "\ncounty_lines,leverage,3,Chair,2026-05-12,4 victims", "ranking.csv, county_lines and leverage"),
        ("ranking.csv", ",".join(ranking.SCORE_COLUMNS)
         + "\ncounty_lines,leverage,3,a@example.org,2026-05-12,Plan", "holds an e-mail address"),
    ],
)  # fmt: skip
def test_a_file_that_could_mislead_or_harm_is_refused_in_one_sentence(tmp_path, name, text, said):
    written(tmp_path, name, text)
    with pytest.raises(analyst_files.WorkspaceError) as refused:
        read(tmp_path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_wrong_score_is_refused_by_the_rules_of_the_ranking(tmp_path):
    written(
        tmp_path,
        "ranking.csv",
        ",".join(ranking.SCORE_COLUMNS) + "\ncounty_lines,luck,3,A,2026-05-12,e",
    )
    with pytest.raises(ranking.RankingError, match="'luck' is no criterion"):
        read(tmp_path)


def test_made_up_words_are_refused_for_real_figures(tmp_path):
    prepared(tmp_path, synthetic=True)
    with pytest.raises(analyst_files.WorkspaceError, match="is made up, but the figures are real"):
        read(tmp_path, synthetic=False)
    for path in (tmp_path / YEAR / "commentary").iterdir():
        path.unlink()
    with pytest.raises(analyst_files.WorkspaceError, match=r"ranking\.csv.* is made up"):
        read(tmp_path, synthetic=False)
