"""Who is told: the deployment's file and the rules of the roles, read strictly and without a leak."""

import re
from pathlib import Path

import pytest
import yaml

from orchestration.alerts.items import AlertsError
from orchestration.alerts.recipients import load_deployment
from orchestration.alerts.send import previews, send_digests
from orchestration.alerts.thresholds import load_rules
from orchestration.core.settings import PROJECT
from tests.conftest import settings_at


@pytest.fixture
def home(tmp_path):
    return settings_at(tmp_path / "home", now="2026-11-23T06:00:00+00:00")


def written(folder: Path, **document):
    path = folder / "alerts.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


MAIL = {"host": "127.0.0.1", "port": 25, "security": "none", "sender": "csp@example.org"}
ONE = {"name": "engineer", "role": "data_engineer", "email": "secret.person@example.org"}


def test_a_deployment_is_read(tmp_path):
    hook = {"name": "room", "role": "analyst", "webhook": "teams", "url": {"env": "TEAMS"}}
    found = load_deployment(written(tmp_path, mail=MAIL, recipients=[ONE, hook]), {"fire"})
    assert [recipient.name for recipient in found.recipients] == ["engineer", "room"]
    assert (found.mail.security, found.heartbeat) == ("none", True)
    assert "secret.person" not in repr(found)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"recipients": []}, "expected a list of recipients"),
        ({"recipients": [ONE]}, "there are e-mail addresses but no mail server"),
        ({"mail": MAIL, "recipients": [ONE, ONE]}, "two recipients are named engineer"),
        ({"mail": MAIL, "recipients": [{**ONE, "role": "boss"}]}, "role must be one of"),
        ({"mail": MAIL, "recipients": [{**ONE, "partner": "fire"}]}, "and nobody else has"),
        (
            {"mail": MAIL, "recipients": [{**ONE, "role": "liaison_officer", "partner": "navy"}]},
            "partner must be one of fire",
        ),
        ({"mail": MAIL, "recipients": [{**ONE, "email": "a@b\nBcc: x@y"}]}, "one e-mail address"),
        ({"mail": MAIL, "recipients": [{**ONE, "emial": "x"}]}, "unknown key"),
        ({"mail": MAIL, "recipients": [{**ONE, "webhook": "teams"}]}, "either email or webhook"),
        (
            {"recipients": [{"name": "room", "role": "analyst", "webhook": "slack",
                             "url": "https://example.org/secret"}]},
            "url must be like {env: NAME}",
        ),
        ({"mail": {**MAIL, "host": "mail.example.org"}, "recipients": [ONE]}, "without encryption"),
        ({"mail": {**MAIL, "security": "ssl"}, "recipients": [ONE]}, "security must be starttls"),
        (
            {"mail": {**MAIL, "security": "tls", "user": "u", "password": "hunter2"},
             "recipients": [ONE]},
            "password must be like",
        ),
        ({"mail": MAIL, "recipients": [ONE], "heartbeat": "daily"}, "heartbeat must be true"),
    ],
)  # fmt: skip
def test_what_is_not_agreed_is_refused_without_its_value(tmp_path, document, words):
    with pytest.raises(AlertsError, match=words) as refused:
        load_deployment(written(tmp_path, **document), {"fire"})
    said = str(refused.value)
    assert not [v for v in ("secret.person", "hunter2", "example.org", "Bcc") if v in said]


def test_without_recipients_nothing_is_sent_and_the_preview_is_an_engineers(home, contracts):
    (preview,) = previews(home, contracts)
    assert "Nothing was pulled yet." in preview.digest.text
    assert not (home.home / "alerts").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"sections": {"data_engineer": []}},
            "sections must name the roles data_engineer, analyst,",
        ),
        ({"sections": ["data_engineer"]}, "sections must name the roles"),
        ({"sections": None}, "sections must name the roles"),
        ({"repeat_days": ["late"]}, "repeat_days must be sections with numbers of days"),
        ({"repeat_days": {"lates": 7}}, "there is no section lates; there are alerts, damaged,"),
        ({"repeat_days": {"late": 0}}, "late must be a whole number from 1"),
        ({"most_items": 0}, "most_items must be a whole number from 1"),
        ({"most_items": True}, "most_items must be a whole number from 1"),
        ({"most_items": "many"}, "most_items must be a whole number from 1"),
        ({"most_items": 2.5}, "most_items must be a whole number from 1"),
        ({"extra": 1}, "expected the keys sections, repeat_days,"),
    ],
)
def test_rules_that_cannot_be_read_are_refused(tmp_path, change, words):
    document = yaml.safe_load((PROJECT / "expectations/alerts.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "alerts.yaml"
    path.write_text(yaml.safe_dump(document | change), encoding="utf-8")
    with pytest.raises(AlertsError, match=rf"^alerts\.yaml: {words}"):
        load_rules(path)


@pytest.mark.parametrize("text", ["", "[sections]", "sections"])
def test_rules_that_are_no_rules_at_all_are_refused(tmp_path, text):
    path = tmp_path / "alerts.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AlertsError, match=r"^alerts\.yaml: expected the keys"):
        load_rules(path)


def test_once_in_so_many_is_at_least_once(tmp_path):
    document = yaml.safe_load((PROJECT / "expectations/alerts.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "alerts.yaml"
    path.write_text(
        yaml.safe_dump(document | {"most_items": 1, "repeat_days": {"late": 1}}), "utf-8"
    )
    found = load_rules(path)
    assert (found.most_items, found.repeat_days) == (1, {"late": 1})
    assert found.sections["liaison_officer"] == ("refused", "sources", "late", "due", "anomalies")


def test_without_recipients_sending_is_an_error_in_a_sentence(home, contracts):
    with pytest.raises(AlertsError, match="CSP_ALERTS names the file that lists them"):
        send_digests(home, contracts)


def test_the_example_of_the_documentation_is_a_deployment(tmp_path, contracts):
    text = (PROJECT / "docs" / "alerts.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "alerts.yaml"
    path.write_text(example, encoding="utf-8")
    partners = {contract.partner for contract in contracts.values()}
    found = load_deployment(path, partners)
    assert {recipient.role for recipient in found.recipients} == {
        "data_engineer", "analyst", "liaison_officer",
    }  # fmt: skip
