"""What `csp contract check` names: contracts that load, or seem to, and could not be used."""

from dataclasses import replace
from datetime import date

import pytest
import yaml

from orchestration.cli import summary
from orchestration.contracts.odcs import ContractError, PlainLoader, load_contract
from orchestration.core.settings import PROJECT
from orchestration.ingest.landing import pull
from orchestration.ingest.transports import open_source
from orchestration.quality.contract_check import problems_of, retired_among
from orchestration.quality.outcomes import FAILED, PASSED
from tests.conftest import settings_at
from tests.support.gate import judged
from tests.support.made_up import column, document, load

CASES = PROJECT / "expectations" / "feeds" / "council" / "asb_cases.odcs.yaml"


def checked(folder, text):
    """The problems of the council's contract with this text."""
    path = folder / CASES.name
    path.write_text(text, encoding="utf-8")
    return problems_of(settings_at(folder / "home", folder), [path])


def with_change(old, new):
    text = CASES.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


def test_a_sound_contract_is_called_sound(tmp_path):
    assert checked(tmp_path, CASES.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('delimiter: ";"', "delimiter: '; '", "delimiter of the dialect is '; '"),
        ("quote: '\"'", "quote: ';'", "quote and its delimiter are both ';'"),
        ("'[EW]05", "'[EW05", "no regular expression"),
        ("pattern: '", "pattern: '(?=a)", "cannot be run"),  # Python has it, RE2 has not
        ("select _delivery, _row from {batch}", "selec _delivery, _row from {batch}", "cannot be run"),
        ("select _delivery, _row from {batch}", "select _delivery, _row from {bach}", "cannot be run"),
        ("try_strptime(opened_on", "try_strptime(opend_on", "cannot be run"),
        ("try_strptime(opened_on", "strptime('x' || opened_on", "cannot be run on its own sample"),
        ("status: active", "status: draft", "status 'draft' is not known"),
        ("status: active", "status: active\nstatus: active", "the key status stands twice"),
        ("kind: month, from: name", "kind: month, from: name, from: name", "the key from stands twice"),
        (">= 0.1 * count", ">= 9.1 * count", "share_without_ward does not find its counter-example"),
        ("'asb_cases_(?P<period>", "'asb-cases_(?P<period>", "its own sample is not taken"),
        ("<> _period", "= _period", "its own sample breaks rule opened_in_the_files_month"),
    ],
)  # fmt: skip
def test_what_could_not_be_used_is_named(tmp_path, old, new, said):
    found = checked(tmp_path, with_change(old, new))
    assert any(said in problem for problem in found), found


def test_a_retired_contract_is_said_to_be_and_nothing_is_pulled_or_expected(tmp_path):
    path = tmp_path / CASES.name
    path.write_text(with_change("status: active", "status: retired"), encoding="utf-8")
    settings = settings_at(tmp_path / "home", tmp_path)
    assert problems_of(settings, [path]) == []
    assert retired_among([path]) == ["council/asb_cases"]
    contract, active = load_contract(path), load_contract(CASES)
    day = date(2026, 11, 29)
    assert active.due_through(day) == "2026-08" and contract.due_through(day) < "1901"
    source = tmp_path / "source"
    source.mkdir()
    (source / "asb_cases_2026-08.csv").write_text("whatever", encoding="utf-8")
    for known, landed in ((contract, 0), (active, 1)):
        home = replace(settings, home=tmp_path / f"home{landed}")
        found = pull.pull(home, {known.feed: known}, open_source(str(source)))
        assert len(found.landed) == landed
    states = summary.states(settings, {contract.feed: contract})
    assert set(states[contract.feed].values()) == {"not_due"}
    assert "council/asb_cases" in summary.retired_line({contract.feed: contract})[0]


def loaded(folder, **blocks):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "boats.odcs.yaml"
    path.write_text(yaml.safe_dump({**document(), **blocks}), encoding="utf-8")
    return load_contract(path)


def test_blocks_of_the_standard_that_only_inform_are_accepted(tmp_path):
    contract = loaded(
        tmp_path,
        servers=[{"server": "sftp", "type": "sftp", "location": "sftp://example.org"}],
        roles=[{"role": "reader"}],
        price={"priceAmount": 0, "priceCurrency": "GBP", "priceUnit": "month"},
        support=[{"channel": "mail", "url": "mailto:x@example.org"}],
        tags=["boats"],
    )
    assert contract.feed == "harbour/boats"
    with pytest.raises(ContractError, match="unknown key 'server'"):
        loaded(tmp_path, server=[])


def test_a_team_may_be_a_list(tmp_path):
    members = [{"username": "a", "role": "reader"}, {"username": "b", "role": "owner"}]
    assert loaded(tmp_path, team=members).owner == "b"
    with pytest.raises(ContractError, match="team is empty"):
        loaded(tmp_path, team=[])


def test_of_several_schemas_the_one_called_like_the_feed_is_delivered(tmp_path):
    (boats,) = document()["schema"]
    other = {**boats, "name": "crews", "properties": [column("crew", "Crew")]}
    first, *_ = loaded(tmp_path, schema=[other, boats]).columns
    assert first.name == "area"
    with pytest.raises(ContractError, match="2 schemas, and not exactly one is called boats"):
        loaded(tmp_path, schema=[other, {**other, "name": "docks"}])


def test_keys_unique_values_lengths_and_limits_are_rules(tmp_path):
    contract = load(
        tmp_path,
        (
            column("a", "A", primaryKey=True, primaryKeyPosition=1),
            column("b", "B", primaryKey=True, primaryKeyPosition=2),
            column("c", "C", unique=True, logicalTypeOptions={"minLength": 2, "maxLength": 3}),
            column("n", "N", "integer", logicalTypeOptions={"minimum": 0, "maximum": 9}),
        ),
    )
    fine = {"a": ["x", "x"], "b": ["1", "2"], "c": ["ab", None], "n": ["0", "9"]}
    assert {outcome.outcome for outcome in judged(contract, **fine)[0]} == {PASSED}
    bad = {"a": ["x", "x"], "b": ["1", "1"], "c": ["a", "abcd"], "n": ["-1", "10"]}
    worse = {**fine, "b": ["1", None], "c": ["ab", "ab"]}
    for values, broken in (
        (bad, {"primary_key": (2, 3), "minLength:c": (2,), "maxLength:c": (3,), "number:n": (2,),
               "maximum:n": (3,)}),
        (worse, {"required:b": (3,), "unique:c": (2, 3)}),
    ):  # fmt: skip
        outcomes = judged(contract, **values)[0]
        assert {o.rule: o.first_rows for o in outcomes if o.outcome == FAILED} == broken


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"unique": "yes"}, "unique of column a is 'yes'"),
        ({"primaryKey": 1}, "primaryKey of column a is 1"),
        ({"logicalTypeOptions": {"maxLength": "3"}}, "maxLength of column a is '3'"),
        ({"logicalTypeOptions": {"maximum": 3}}, "unknown key 'maximum'"),
    ],
)
def test_what_a_column_cannot_say_is_refused(tmp_path, told, said):
    with pytest.raises(ContractError, match=said):
        load(tmp_path, (column("a", "A", **told),))


def test_equal_keys_are_refused_at_any_depth():
    for text in ("a: 1\na: 2", "a: {b: 1, b: 2}", "- {x: 1}\n- {x: 1, 'x': 2}"):
        with pytest.raises(ContractError, match="stands twice"):
            yaml.load(text, Loader=PlainLoader)
