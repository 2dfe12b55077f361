"""What a partnership decides is laid over the shipped defaults, row by row; nothing else is touched."""

import csv
import shutil

import pytest
import yaml

from orchestration.core import register
from orchestration.core.settings import PROJECT, SettingsError, from_environment
from orchestration.edition import candidate, toolchain
from orchestration.night import fingerprint
from tests.conftest import settings_at

SHIPPED = PROJECT / "seeds" / "partnerships" / "E06000021"
NEW_RULE = "ours,9,10,4,all,Our own rule,Board minutes,verified\n"


@pytest.fixture
def folder(tmp_path):
    """A partnership's folder outside the checkout: a copy of the shipped one."""
    shutil.copytree(SHIPPED, tmp_path / "partnership")
    return tmp_path / "partnership"


def settings_with(tmp_path, folder=None, **more):
    named = {} if folder is None else {"CSP_PARTNERSHIP": str(folder)}
    return from_environment({"CSP_HOME": str(tmp_path / "home"), **named, **more})


def rows(settings, name):
    with (register.assemble(settings) / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def shipped(name):
    with (PROJECT / "seeds" / "register" / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def say(folder, **more):
    path = folder / "partnership.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8")) | more
    path.write_text(yaml.safe_dump(document), encoding="utf-8")


def head(name):
    return ",".join(shipped(name)[0]) + "\n"


def test_a_copy_of_the_shipped_folder_decides_the_same(tmp_path, folder):
    ours, theirs = settings_with(tmp_path, folder), settings_with(tmp_path / "other")
    assert register.decisions_sha256(ours) == register.decisions_sha256(theirs)
    made = {path.name: path.read_bytes() for path in register.assemble(ours).glob("*.csv")}
    assert made == {
        path.name: path.read_bytes() for path in register.assemble(theirs).glob("*.csv")
    }
    assert ours.partnership == theirs.partnership
    assert rows(ours, "partnerships") == [vars(ours.partnership)]


def test_a_row_takes_the_place_of_the_one_with_its_key_and_others_are_added(tmp_path, folder):
    before = shipped("disclosure_rules")
    changed = {**before[1], "suppress_to": "6"}
    text = head("disclosure_rules") + NEW_RULE + ",".join(f'"{v}"' for v in changed.values()) + "\n"
    (folder / "disclosure_rules.csv").write_text(text, encoding="utf-8")
    found = rows(settings_with(tmp_path, folder), "disclosure_rules")
    assert found[:-1] == [before[0], changed, *before[2:]]
    assert found[-1]["rule_id"] == "ours"


def test_shipped_rows_can_be_left_out(tmp_path, folder):
    pair = [shipped("measure_relations")[0][key] for key in ("total", "part")]
    say(
        folder,
        leave_out={
            "disclosure_rules": [shipped("disclosure_rules")[1]["rule_id"]],
            "measure_relations": [pair],
            "ranking_criteria": "all",
        },
    )
    settings = settings_with(tmp_path, folder)
    assert rows(settings, "measure_relations") == shipped("measure_relations")[1:]
    kept = shipped("disclosure_rules")
    assert rows(settings, "disclosure_rules") == [kept[0], *kept[2:]]
    assert rows(settings, "ranking_criteria") == []


def test_a_strategy_of_other_years_has_nothing_of_the_shipped_one(tmp_path, folder):
    (folder / "strategy_years.csv").write_text(
        "strategy_year,starts_on,ends_on,role\n2030-31,2030-04-01,2031-03-31,strategy\n"
        "2029-30,2029-04-01,2030-03-31,baseline\n",
        encoding="utf-8",
    )
    settings = settings_with(tmp_path, folder)
    assert candidate.strategy_years(settings) == ["2030-31"]
    assert register.first_month(settings) == "2029-04"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("agreemnts.csv", "feed\n", "agreemnts.csv in the partnership's folder is no table"),
        ("notes.txt", "x", "notes.txt in the partnership's folder is no table"),
        (
            "peer_group.csv",
            "peer_group,area_code\n",
            "peer_group.csv in the partnership's folder: the",
        ),
        ("priorities.csv", "priority_id,priority_name,led_by,sort_order\na,A,x,1\n", None),
    ],
)
def test_what_is_no_table_stops_in_a_sentence(tmp_path, folder, name, text, words):
    (folder / name).write_text(text, encoding="utf-8")
    settings = settings_with(tmp_path, folder)
    if words is None:
        assert [row["priority_id"] for row in rows(settings, "priorities")] == ["a"]
        return
    with pytest.raises(SettingsError) as problem:
        register.assemble(settings)
    assert str(problem.value).startswith(words)


@pytest.mark.parametrize(
    ("leave_out", "words"),
    [
        ({"disclosure_rules": ["nothing"]}, "disclosure_rules has no row nothing to leave out"),
        ({"disclosure_rules": "every"}, "takes `all` or a list of keys, each of 1 texts"),
        ({"measure_relations": ["one"]}, "each of 2 texts"),
    ],
)
def test_what_cannot_be_left_out_is_said(tmp_path, folder, leave_out, words):
    say(folder, leave_out=leave_out)
    with pytest.raises(SettingsError, match=words):
        register.assemble(settings_with(tmp_path, folder))


def test_a_key_that_is_there_twice_is_said(tmp_path, folder):
    text = head("disclosure_rules") + NEW_RULE + NEW_RULE
    (folder / "disclosure_rules.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="ours is there twice"):
        register.assemble(settings_with(tmp_path, folder))


def test_the_folder_names_its_area_and_an_area_that_disagrees_stops(tmp_path, folder):
    say(folder, area_code="E06000099", area_name="Elsewhere")
    settings = settings_with(tmp_path, folder)
    assert settings.partnership.area_name == "Elsewhere"
    same = settings_with(tmp_path, folder, CSP_AREA="E06000099")
    assert same.partnership == settings.partnership
    with pytest.raises(SettingsError, match=r"CSP_AREA is E06000021 .* E06000099 \(Elsewhere\)"):
        settings_with(tmp_path, folder, CSP_AREA="E06000021")


@pytest.mark.parametrize(
    ("more", "words"),
    [({"area_code": 6}, "has no area_code"), ({"aera": "x"}, "has the unknown key aera")],
)
def test_a_folder_that_does_not_say_who_it_is_of_stops(tmp_path, folder, more, words):
    say(folder, **more)
    with pytest.raises(SettingsError, match=words):
        settings_with(tmp_path, folder)


def test_what_is_recorded_in_the_home_lies_over_the_shipped_folder(tmp_path):
    settings = settings_with(tmp_path)
    before = register.decisions_sha256(settings)
    settings.recorded.mkdir(parents=True)
    assert settings.recorded == settings.home / "partnership"
    line = (
        "fire/incidents,Sharing protocol,Fire service,Data lead,2026-01-01,2027-01-01,,verified\n"
    )
    (settings.recorded / "agreements.csv").write_text(head("agreements") + line, encoding="utf-8")
    assert rows(settings, "agreements")[:-1] == shipped("agreements")
    assert rows(settings, "agreements")[-1]["feed"] == "fire/incidents"
    assert register.decisions_sha256(settings) != before


def test_a_named_folder_is_all_that_counts(tmp_path, folder):
    settings = settings_with(tmp_path, folder)
    at_home = settings.home / "partnership"
    at_home.mkdir(parents=True)
    (at_home / "waivers.yaml").write_text("waivers: []\n", encoding="utf-8")
    assert settings.waivers == folder / "waivers.yaml"
    assert register.waiver_files(settings) == []


def test_a_waiver_and_a_decision_leave_the_hash_of_the_code_alone(tmp_path, folder):
    settings = settings_with(tmp_path, folder)
    code, decided = toolchain.code_of(settings)["sha256"], register.decisions_sha256(settings)
    inputs = fingerprint(settings, {})
    (folder / "waivers.yaml").write_text("waivers: []\n", encoding="utf-8")
    assert register.decisions_sha256(settings) == decided
    assert fingerprint(settings, {}) == inputs
    with (folder / "series_breaks.csv").open("a", encoding="utf-8") as breaks:
        breaks.write(
            "flood,fire/incidents,,2026-02-01,annotate,Flood,The station was closed,verified\n"
        )
    assert register.decisions_sha256(settings) != decided
    assert fingerprint(settings, {}) != inputs
    assert toolchain.code_of(settings)["sha256"] == code


def test_recipients_of_the_folder_count_until_others_are_named(tmp_path, folder):
    assert settings_with(tmp_path, folder).alerts is None
    (folder / "alerts.yaml").write_text("recipients: []\n", encoding="utf-8")
    assert settings_with(tmp_path, folder).alerts == folder / "alerts.yaml"
    other = tmp_path / "alerts.yaml"
    assert settings_with(tmp_path, folder, CSP_ALERTS=str(other)).alerts == other


def test_the_tables_are_made_again_only_when_a_layer_changes(tmp_path, folder):
    settings = settings_with(tmp_path, folder)
    path = register.assemble(settings) / "priorities.csv"
    before = path.stat().st_mtime_ns
    assert register.assemble(settings) / "priorities.csv" == path
    assert path.stat().st_mtime_ns == before
    text = (folder / "priorities.csv").read_text(encoding="utf-8")
    (folder / "priorities.csv").write_text(text.replace("County lines", "Lines"), encoding="utf-8")
    assert "Lines" in (register.assemble(settings) / "priorities.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["priorities.csv", register.STAMP])
def test_a_changed_byte_in_what_was_assembled_is_noticed_and_put_right(tmp_path, name):
    """dbt reads these tables: a byte there is a figure."""
    settings = settings_at(tmp_path / "home")
    path = register.assemble(settings) / name
    sound = path.read_bytes()
    assert not register.is_damaged(settings)
    for damaged in (sound[:40] + bytes([sound[40] ^ 1]) + sound[41:], sound[:-9]):
        path.write_bytes(damaged)
        assert register.is_damaged(settings)
        register.assemble(settings)
        assert path.read_bytes() == sound
        assert not register.is_damaged(settings)
