"""Who signs an edition, why it is issued anew, and that what it builds on is what was issued."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from orchestration.core.files import write_text
from orchestration.edition import freeze, printed_reasons
from orchestration.edition.figures.contents import VARIANTS
from orchestration.edition.freeze import EditionRefused, SignOff
from orchestration.edition.gather import hold_as_issued, public_gates
from orchestration.quality.waivers import WaiverError
from tests.support.gate_three import waiver

CHAIR = SignOff("Chair of the partnership", "2026-05-20T10:00:00+00:00")


def waived(reason):
    return replace(waiver("completeness", "health/ambulance_calls"), reason=reason)


def drafted(root):
    """A draft of an edition with one file a variant."""
    draft = freeze.scratch_folder(root, "2024-25")
    for variant in VARIANTS:
        (draft / variant).mkdir()
        write_text(draft / variant / "figures.csv", "measure_id,count\nx,10\n")
        freeze.write_manifest(draft / variant, {"edition": "2024-25 version 1"})
    return draft


@pytest.mark.parametrize(
    "name",
    ["", "  ", "\u3000", ".", "x", "me", "nobody", "TBC", "test", "\u200b\u200b\u200b", "no\u200bbody",
     "none\u00ad", "\uff4e\uff4f\uff42\uff4f\uff44\uff59", "Chair\nDeputy", "Chair\x1b[8m"],
)  # fmt: skip
def test_nobody_in_particular_signs_nothing(tmp_path, name):
    draft = drafted(tmp_path)
    with pytest.raises(EditionRefused, match=r"signed|signs for nobody") as told:
        freeze.freeze(tmp_path, draft, "2024-25", 1, SignOff(name, CHAIR.at))
    assert "\n" not in str(told.value) and str(told.value).isprintable()
    assert freeze.issued(tmp_path) == []
    assert freeze.freeze(tmp_path, draft, "2024-25", 1, CHAIR).is_dir()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (" ", "does not say why"),
        ("again", "does not say why"),
        ("to be confirmed with the partner soon", "does not say why"),
        ("The council had left out three victims in July.", "a number from 1 to 7"),
        ("The council corrected July, ask jane@example.org for it.", "an e-mail address"),
    ],
)
def test_a_reason_to_reissue_says_why_and_nothing_that_is_not_public(reason, words):
    with pytest.raises(EditionRefused, match=words) as told:
        printed_reasons.hold_reissue(reason)
    assert "victims" not in str(told.value) and "jane" not in str(told.value)


def test_reasons_that_anybody_may_read_are_let_through():
    printed_reasons.hold_reissue("Corrected ambulance calls of March 2026 by section 4.")
    printed_reasons.hold_waivers(
        [waived("The partner changed its system."), waived("Nothing came in 2 months of strike.")]
    )
    printed_reasons.hold_waivers([])


def test_a_waiver_prints_no_small_number():
    """It is printed in the public edition as well."""
    with pytest.raises(WaiverError, match=r"^the waiver of \S+ for \S+ holds a number from 1 to 7"):
        printed_reasons.hold_waivers([waived("Only 3 children were reported, all by school.")])


def test_a_copy_beside_the_editions_is_none(tmp_path):
    """No index names it: as an edition, it would hold every later one."""
    folder = freeze.freeze(tmp_path, drafted(tmp_path), "2024-25", 1, CHAIR)
    shutil.copytree(folder, tmp_path / "2024-25 copy" / "v1")
    assert [one.folder for one in freeze.issued(tmp_path)] == [folder]


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_edition_that_was_changed_is_nothing_to_build_on(tmp_path, variant):
    folder = freeze.freeze(tmp_path, drafted(tmp_path), "2024-25", 1, CHAIR)
    hold_as_issued(freeze.issued(tmp_path))
    path = folder / variant / "figures.csv"
    path.chmod(0o640)
    path.write_text("measure_id,count\nx,15\n", encoding="utf-8")
    with pytest.raises(EditionRefused) as told:
        hold_as_issued(freeze.issued(tmp_path))
    assert str(told.value) == (
        f"2024-25 version 1 is not as it was issued: {variant}/figures.csv has changed"
    )


def test_the_public_gates_do_not_compare_a_hidden_count():
    """Ours hidden as 1 to 7 beside the Home Office's 17: that they agree within 10 says it is 7."""
    names = ["check", "scope", "outcome", "severity", "detail"]
    gates = pd.DataFrame(
        [
            ("external", "Homicide", "passed", "critical", "Homicide: agrees"),
            ("external", "Robbery", "passed", "critical", "Robbery: agrees"),
            ("completeness", "Homicide", "passed", "critical", "delivered"),
        ],
        columns=names,
    )
    external = pd.DataFrame(
        {"offence_group": ["Homicide", "Robbery"], "suppressed": ["small", None]}
    )
    found = public_gates(gates, {"external": external})
    assert found["outcome"].tolist() == ["not shown", "passed", "passed"]
    assert "agree" not in found["detail"][0]
    differs = gates.assign(outcome="failed", detail="Homicide: differs")
    assert found.iloc[0].equals(public_gates(differs, {"external": external}).iloc[0])
    assert found.iloc[1:].equals(gates.iloc[1:])
