"""Digests handed over: real mail and web servers with TLS, failures that are told and made good."""

import email
import email.policy
import json
import os
from dataclasses import replace
from datetime import timedelta

import dagster as dg
import pytest
import yaml
from filelock import FileLock

from orchestration import night
from orchestration.alerts import ledger
from orchestration.alerts.send import FAILED, NOTHING, SENT, send_digests
from orchestration.defs import alerts
from orchestration.defs.instance import connected
from orchestration.defs.tonight import Tonight
from orchestration.ingest.landing.deliveries import REFUSED
from orchestration.ingest.landing.pull_record import Problem
from tests.conftest import settings_at
from tests.support import alerted
from tests.support.commands import USAGE, csp

ENGINEER = {"name": "engineer", "role": "data_engineer", "email": "engineer@example.org"}
FIRE = {
    "name": "fire-liaison",
    "role": "liaison_officer",
    "partner": "fire",
    "email": "dlo@example.org",
}
POLICE = {**FIRE, "name": "police-liaison", "partner": "police", "email": "plo@example.org"}


@pytest.fixture(scope="module")
def contracts(tmp_path_factory):
    return night.contracts_of(settings_at(tmp_path_factory.mktemp("nobody")))


@pytest.fixture
def authority(tmp_path):
    return alerted.Authority(tmp_path)


@pytest.fixture
def home(tmp_path):
    return settings_at(tmp_path / "home", now="2026-11-23T06:00:00+00:00")


def deployed(settings, *recipients, mail=None, **more):
    """The settings with a file of recipients."""
    path = settings.home.parent / "alerts.yaml"
    document = {"recipients": list(recipients), **({"mail": mail} if mail else {}), **more}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return replace(settings, alerts=path)


def server(inbox, authority, security="starttls", **more):
    return {
        "host": "127.0.0.1", "port": inbox.port, "security": security, "ca_file": authority.file.name,
        "sender": "csp@example.org", "timeout_seconds": 5, **more,
    }  # fmt: skip


def something_happened(settings, contracts):
    """A refusal of the fire service's and a source of the police's that is down."""
    alerted.delivered(
        settings,
        contracts["fire/incidents"],
        "2026-08",
        state=REFUSED,
        reason="not so: x",
        rule="x",
    )
    sentence = "police-server refused the login"
    alerted.pulled(settings, Problem("police-server", "permanent", sentence, ("police/incidents",)))


def read(envelope):
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def states(outcomes):
    return {outcome.recipient: outcome.state for outcome in outcomes}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_each_is_told_their_own_once_by_encrypted_mail(home, contracts, authority, security):
    something_happened(home, contracts)
    with alerted.mail_server(authority, security) as inbox:
        settings = deployed(home, ENGINEER, FIRE, POLICE, mail=server(inbox, authority, security))
        assert set(states(send_digests(settings, contracts)).values()) == {SENT}
        rerun = send_digests(settings, contracts)
    assert set(states(rerun).values()) == {NOTHING}
    messages = {envelope.rcpt_tos[0]: read(envelope) for envelope in inbox.messages}
    assert set(messages) == {"engineer@example.org", "dlo@example.org", "plo@example.org"}
    fire, police = (
        messages["dlo@example.org"].get_content(),
        messages["plo@example.org"].get_content(),
    )
    assert "fire/incidents 2026-08: not so: x" in fire and "police" not in fire
    assert "it refused the login" in police and "fire" not in police
    engineer = messages["engineer@example.org"]
    assert engineer["Subject"].startswith(
        "Community safety warehouse, Stoke-on-Trent, 23 November 2026: "
    )
    assert "1 refused, 1 source problem," in engineer["Subject"]
    assert engineer["Auto-Submitted"] == "auto-generated"
    assert len(inbox.messages) == 3


def test_a_login_goes_over_the_encrypted_line_and_a_wrong_one_is_said_without_it(
    home, contracts, authority, monkeypatch
):
    something_happened(home, contracts)
    monkeypatch.setenv("MAIL_PASSWORD", "wrong-secret")
    with alerted.mail_server(authority, password="right-secret") as inbox:
        mail = server(inbox, authority, user="csp", password={"env": "MAIL_PASSWORD"})
        settings = deployed(home, FIRE, mail=mail)
        (failed,) = send_digests(settings, contracts)
        assert (failed.state, failed.sentence) == (FAILED, "the mail server refused the login")
        monkeypatch.setenv("MAIL_PASSWORD", "right-secret")
        (sent,) = send_digests(settings, contracts)
        monkeypatch.delenv("MAIL_PASSWORD")
        (unset,) = send_digests(deployed(home, ENGINEER, mail=mail), contracts)
    assert sent.state == SENT
    assert inbox.logins[-1] == (b"csp", b"right-secret")
    assert "MAIL_PASSWORD holds no secret" in unset.sentence
    written = (home.home / "alerts" / "fire-liaison.json").read_text(encoding="utf-8")
    assert "secret" not in written.replace("holds no secret", "")


def test_a_server_that_cannot_be_trusted_is_told_nothing(home, contracts, authority, tmp_path):
    something_happened(home, contracts)
    other = alerted.Authority(tmp_path / "other")
    other.folder.mkdir()
    with alerted.mail_server(other) as inbox:
        settings = deployed(home, FIRE, mail=server(inbox, authority))
        (outcome,) = send_digests(settings, contracts)
    assert outcome.sentence == "the certificate of the mail server cannot be verified"
    assert inbox.messages == []


def test_a_server_without_encryption_is_told_nothing(home, contracts, authority):
    something_happened(home, contracts)
    with alerted.mail_server(authority, "none") as inbox:
        (outcome,) = send_digests(deployed(home, FIRE, mail=server(inbox, authority)), contracts)
        assert (outcome.state, inbox.messages) == (FAILED, [])
        assert outcome.sentence == "the mail server offers no encryption or no login"
        mail = server(inbox, authority, "none")
        (outcome,) = send_digests(deployed(home, FIRE, mail=mail), contracts)
    assert (outcome.state, len(inbox.messages)) == (SENT, 1)


def test_what_did_not_arrive_is_told_the_next_night_and_to_the_engineers(
    home, contracts, authority
):
    something_happened(home, contracts)
    with alerted.mail_server(authority) as inbox:
        settings = deployed(home, ENGINEER, FIRE, mail=server(inbox, authority))
        inbox.refuses = True
        assert set(states(send_digests(settings, contracts)).values()) == {FAILED}
        inbox.refuses = False
        tomorrow = alerted.at(settings, "2026-11-24T06:00:00")
        # In the meantime something else came, and the fire service's mailbox is still full.
        alerted.delivered(
            home,
            contracts["fire/incidents"],
            "2026-09",
            state=REFUSED,
            reason="not so: y",
            rule="y",
        )
        outcomes = send_digests(tomorrow, contracts)
    assert set(states(outcomes).values()) == {SENT}
    fire = next(read(e) for e in inbox.messages if e.rcpt_tos == ["dlo@example.org"]).get_content()
    assert "not so: x" in fire and "not so: y" in fire
    known = ledger.read(home, "fire-liaison")
    assert known.failures[0]["sentence"] == "the mail server refused the recipient"
    assert not known.is_failing


def test_engineers_are_told_whom_the_digest_did_not_reach(home, contracts, authority):
    something_happened(home, contracts)
    with alerted.mail_server(authority) as inbox, alerted.hook_server(authority) as hooked:
        hooked.answers = [404]
        os.environ["FIRE_HOOK"] = hooked.url
        hook = {
            "name": "fire-liaison", "role": "liaison_officer", "partner": "fire", "webhook": "slack",
            "url": {"env": "FIRE_HOOK"}, "ca_file": authority.file.name,
        }  # fmt: skip
        try:
            settings = deployed(home, ENGINEER, hook, mail=server(inbox, authority))
            outcomes = send_digests(settings, contracts)
        finally:
            del os.environ["FIRE_HOOK"]
    assert states(outcomes) == {"fire-liaison": FAILED, "engineer": SENT}
    text = read(inbox.messages[0]).get_content()
    assert "The digest for fire-liaison did not arrive: the webhook answered with 404." in text
    assert "very-secret" not in text + str(outcomes)


def test_when_nothing_happened_a_heartbeat_is_sent_unless_it_is_not_wanted(
    home, contracts, authority
):
    alerted.pulled(home)
    with alerted.mail_server(authority) as inbox:
        mail = server(inbox, authority)
        silent = deployed(home, FIRE, mail=mail, heartbeat=False)
        (quiet,) = send_digests(silent, contracts)
        assert (quiet.state, inbox.messages) == (NOTHING, [])
        settings = deployed(home, FIRE, mail=mail)
        assert states(send_digests(settings, contracts)) == {"fire-liaison": SENT}
        assert states(send_digests(settings, contracts)) == {"fire-liaison": NOTHING}
        next_day = alerted.at(settings, "2026-11-24T06:00:00")
        assert states(send_digests(next_day, contracts)) == {"fire-liaison": SENT}
    assert [read(e)["Subject"].rpartition(": ")[2] for e in inbox.messages] == [
        "nothing to tell"
    ] * 2


def test_two_messages_of_one_night_have_one_identity(home, contracts, authority):
    """A mail server can tell a digest that was handed over twice by a run that was killed."""
    something_happened(home, contracts)
    with alerted.mail_server(authority) as inbox:
        settings = deployed(home, FIRE, mail=server(inbox, authority))
        send_digests(settings, contracts)
        (home.home / "alerts" / "fire-liaison.json").unlink()
        send_digests(settings, contracts)
    first, second = map(read, inbox.messages)
    assert first["Message-ID"] == second["Message-ID"]


# As a job


def run(settings, contracts, instance):
    return alerts.build_job().execute_in_process(
        instance=instance,
        resources={"tonight": Tonight(settings, contracts)},
        raise_on_error=False,
    )


def test_the_job_ends_well_whatever_becomes_of_the_digests(home, contracts, authority):
    something_happened(home, contracts)
    mail = {"host": "127.0.0.1", "port": 9, "security": "none", "sender": "csp@example.org"}
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(deployed(home, FIRE, mail=mail), contracts, instance).success
        assert ledger.read(home, "fire-liaison").is_failing
        assert not run(home, contracts, instance).success  # nobody is configured: that is an error


def test_a_run_that_failed_is_told_by_its_step_and_not_by_its_words(home, contracts, authority):
    @dg.op
    def dbt_build():
        raise ValueError("Could not convert 'Joan Smithers, 943 476 5919'")

    @dg.job(name="nightly")
    def nightly():
        dbt_build()

    alerted.pulled(home)
    with dg.DagsterInstance.ephemeral() as instance, alerted.mail_server(authority) as inbox:
        failed = nightly.execute_in_process(instance=instance, raise_on_error=False)
        (told,) = alerts.failed_runs(instance, home.now.replace(year=2020))
        assert (told.run, told.job, told.step) == (failed.run_id, "nightly", "dbt_build")
        now = replace(home, now=told.at.replace(microsecond=0))
        assert run(
            deployed(now, ENGINEER, mail=server(inbox, authority)), contracts, instance
        ).success
    text = read(inbox.messages[0]).get_content()
    assert "of nightly on" in text and "failed in the step dbt_build" in text
    assert "Joan" not in text + json.dumps(ledger.read(home, "engineer").told)


# By hand


def by_hand(settings, *options):
    now, listed = settings.now.isoformat(), str(settings.alerts)
    return csp("digest", *options, home=settings.home, CSP_NOW=now, CSP_ALERTS=listed)


def test_the_command_shows_and_sends_what_the_job_does(home, contracts, authority):
    @dg.op
    def dbt_build():
        raise ValueError("of no interest")

    @dg.job(name="nightly")
    def nightly():
        dbt_build()

    something_happened(home, contracts)
    with alerted.mail_server(authority) as inbox, connected(home) as instance:
        nightly.execute_in_process(instance=instance, raise_on_error=False)
        (failed,) = alerts.failed_runs(instance, home.now - timedelta(days=4000))
        now = replace(home, now=failed.at.replace(microsecond=0))
        settings = deployed(now, ENGINEER, FIRE, mail=server(inbox, authority))
        shown = by_hand(settings)
        assert run(settings, contracts, instance).success
        for recipient in ("engineer", "fire-liaison"):
            (home.home / "alerts" / f"{recipient}.json").unlink()
        sent = by_hand(settings, "--send")
        assert sent.text == "fire-liaison  sent\nengineer  sent\n", sent.error
        by_job, by_command = inbox.messages[:2], inbox.messages[2:]
        texts = [[read(e).get_content() for e in found] for found in (by_job, by_command)]
        assert texts[0] == texts[1] and len(texts[0]) == 2
        assert "of nightly on" in texts[0][1] and "failed in the step dbt_build" in texts[0][1]
        subjects = [read(envelope)["Subject"] for envelope in by_job]
        pairs = zip(subjects, texts[0], strict=True)
        assert shown.text.split() == " ".join(f"{s} {text}" for s, text in pairs).split()
        again = by_hand(settings)
    assert again.text.splitlines() == [
        f"{name}: nothing to tell, so nothing would be sent."
        for name in ("fire-liaison", "engineer")
    ]


def test_of_two_who_send_at_once_the_second_says_so(home):
    nowhere = {"host": "127.0.0.1", "port": 9, "security": "none", "sender": "csp@example.org"}
    settings = deployed(home, FIRE, mail=nowhere)
    (home.home / "alerts").mkdir(parents=True)
    with FileLock(home.home / "alerts" / "digest.lock"):
        answer = by_hand(settings, "--send")
    assert answer.code == USAGE
    assert answer.is_one_sentence("being sent by another process")
