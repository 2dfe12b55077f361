"""Pseudonyms: right by the published vectors, keyed, and nothing of the identifier left anywhere."""

import hashlib
import hmac
from dataclasses import replace

import duckdb
import pytest

from orchestration import night
from orchestration.core.refusal import Refusal
from orchestration.core.settings import SettingsError, from_environment
from orchestration.ingest.landing.deliveries import LANDED, PASSED, REFUSED, deliveries
from orchestration.ingest.readers.parse import parquet_path, parse
from orchestration.protection import pseudonyms
from orchestration.protection.key_file import KeyFileError, keys_of, read_keys
from tests.support.made_up import column, custom, load
from tests.unit.test_scanner import delivered, read

OLD = "k2025 " + hashlib.sha256(b"old").hexdigest()
NEW = "k2026 " + hashlib.sha256(b"new").hexdigest()
KEY = column(
    "key",
    "Key",
    classification="personal",
    logicalTypeOptions={"pattern": "[A-Za-z0-9 -]{4,64}"},
    customProperties=custom(pseudonym="person"),
)
ROWS = [{"Key": "QX-7731-alpha"}, {"Key": "QX-7731-alpha"}, {"Key": "ZB-0042-omega"}, {"Key": ""}]

# RFC 4231: key, text (those of its cases that are text) and HMAC-SHA-256.
VECTORS = [
    (b"\x0b" * 20, "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 131, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    (b"\xaa" * 131, "This is a test using a larger than block-size key and a larger than block-size "
     "data. The key needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
]  # fmt: skip


def keyed(settings, folder, text):
    """Settings with this key file."""
    path = folder / "keys.txt"
    path.write_text(text)
    path.chmod(0o600)
    return replace(settings, pseudonym_key_file=path)


@pytest.fixture
def contract(tmp_path):
    return load(tmp_path / "contracts", (KEY,))


@pytest.mark.parametrize(("secret", "text", "expected"), VECTORS)
def test_the_vectors_of_rfc_4231(secret, text, expected):
    sql = f"select {pseudonyms.hmac_of('$text')}"
    found = duckdb.execute(sql, {**pseudonyms.pads(secret), "text": text}).fetchone()
    assert found == (expected,)


def test_a_pseudonym_is_the_hmac_of_domain_and_identifier(tmp_path, contract):
    settings, receipt = delivered(tmp_path, contract, ROWS)
    settings = keyed(settings, tmp_path, NEW)
    parse(settings, contract, receipt)
    secret = bytes.fromhex(NEW.split()[1])
    expected = [
        "k2026-" + hmac.new(secret, f"person\x1f{row['Key']}".encode(), "sha256").hexdigest()[:32]
        if row["Key"]
        else None
        for row in ROWS
    ]
    assert [row[0] for row in read(settings, receipt).select("key").fetchall()] == expected
    assert expected[0] == expected[1] != expected[2]


def test_nothing_of_an_identifier_or_a_key_is_left_anywhere_but_in_landing(tmp_path, contract):
    settings, receipt = delivered(tmp_path, contract, ROWS)
    settings = keyed(settings, tmp_path, NEW)
    night.gate_one(settings, pseudonyms.bound(settings, {contract.feed: contract}), print)
    outside = [path for path in settings.home.rglob("*") if path.is_file()]
    outside = [path for path in outside if not path.is_relative_to(settings.landing)]
    assert parquet_path(settings, receipt) in outside
    for path in outside:
        content = path.read_bytes().lower()
        assert b"qx-7731" not in content and b"zb-0042" not in content
        assert NEW.split()[1].encode() not in content
        assert bytes.fromhex(NEW.split()[1]) not in content
    assert NEW.split()[1] not in repr(settings) + repr(pseudonyms.key_of(settings))


def test_domains_cannot_be_compared_and_one_number_is_written_in_many_ways(tmp_path):
    def pseudonym_of(text, domain):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        entry = {**KEY, "customProperties": custom(pseudonym=domain, mayHold=["telephone"])}
        made = load(folder / "contracts", (entry,))
        settings, receipt = delivered(folder, made, [{"Key": text}])
        parse(keyed(settings, folder, NEW), made, receipt)
        return read(settings, receipt).select("key").fetchone()[0]

    assert pseudonym_of("1234567", "a") == pseudonym_of("123 45-67", "a")
    assert pseudonym_of("1234567", "a") != pseudonym_of("1234567", "b")
    assert pseudonym_of("ab-12", "a") != pseudonym_of("ab12", "a")
    assert pseudonym_of("abcd", "a") != pseudonym_of("Abcd", "a")


@pytest.mark.parametrize(
    ("identifier", "rule"),
    [("9434765919", "depersonalised"), ("1980-03-12", "depersonalised"), ("J@ne", "pattern:key")],
)
def test_identifiers_are_judged_as_they_were_sent(tmp_path, contract, identifier, rule):
    settings, receipt = delivered(tmp_path, contract, [ROWS[0], {"Key": identifier}])
    settings = keyed(settings, tmp_path, NEW)
    with pytest.raises(Refusal) as caught:
        parse(settings, contract, receipt)
    assert (caught.value.rule, caught.value.rows) == (rule, (3,))
    assert identifier not in caught.value.sentence
    assert not list(settings.raw.rglob("*.parquet"))


def test_raw_may_hold_nothing_but_pseudonyms(tmp_path, contract):
    from tests.support.gate import assert_found

    good = ["synthetic-" + "0" * 32, "k2026-" + "9af0" * 8, None]
    assert_found(
        contract, "pattern:key", "critical", good, ["QX-7731-alpha", "k2026-" + "9AF0" * 8]
    )


def test_without_a_key_only_the_feeds_that_need_one_are_refused(tmp_path, contract):
    plain = load(tmp_path / "plain", (column("key", "Key"),))
    settings, receipt = delivered(tmp_path, contract, ROWS)
    contracts = pseudonyms.bound(settings, {contract.feed: contract})
    night.gate_one(settings, contracts, print)
    (found,) = deliveries(settings, contracts)
    assert (found.state, found.record.rule) == (REFUSED, "no_pseudonym_key")
    assert "no key for pseudonyms is set" in found.record.reason
    assert not list(settings.raw.rglob("*.parquet"))
    assert parse(settings, plain, receipt).rows == len(ROWS)
    # Once there is a key the delivery is judged again, from the bytes that were kept.
    settings = keyed(settings, tmp_path, NEW)
    contracts = pseudonyms.bound(settings, {contract.feed: contract})
    assert [entry.state for entry in deliveries(settings, contracts)] == [LANDED]
    night.gate_one(settings, contracts, print)
    assert [entry.state for entry in deliveries(settings, contracts)] == [PASSED]


def test_a_new_key_has_every_delivery_read_again_and_none_is_current_before(tmp_path, contract):
    settings, receipt = delivered(tmp_path, contract, ROWS)
    settings = keyed(settings, tmp_path, OLD)
    contracts = pseudonyms.bound(settings, {contract.feed: contract})
    night.gate_one(settings, contracts, print)
    before = read(settings, receipt).select("key").fetchall()
    settings = keyed(settings, tmp_path, f"# the new one first\n{NEW}\n{OLD}\n")
    contracts = pseudonyms.bound(settings, {contract.feed: contract})
    (found,) = deliveries(settings, contracts)
    assert (found.state, found.is_current) == (LANDED, False)
    night.gate_one(settings, contracts, print)
    (found,) = deliveries(settings, contracts)
    assert (found.state, found.is_current) == (PASSED, True)
    after = read(settings, receipt).select("key").fetchall()
    assert before[0][0].startswith("k2025-") and after[0][0].startswith("k2026-")
    # Other bytes under the same name are another key as well.
    settings = keyed(settings, tmp_path, OLD.replace("k2025", "k2026"))
    assert pseudonyms.bound(settings, {contract.feed: contract}) != contracts


def test_the_key_in_use_changes_nothing_for_other_feeds(tmp_path, contract):
    plain = load(tmp_path / "plain", (column("key", "Key"),))
    settings, _ = delivered(tmp_path, contract, ROWS)
    settings = keyed(settings, tmp_path, NEW)
    assert pseudonyms.bound(settings, {"plain": plain}) == {"plain": plain}


def test_made_up_people_have_a_made_up_key_that_says_so(tmp_path, contract):
    settings, receipt = delivered(tmp_path, contract, ROWS)
    parse(settings, contract, replace(receipt, synthetic=True))
    assert read(settings, receipt).select("key").fetchone()[0].startswith("synthetic-")
    # A marker beside real extracts does not put them under a key that everybody can know.
    keyed_ = keyed(settings, tmp_path, NEW)
    parse(keyed_, contract, replace(receipt, synthetic=True))
    assert read(keyed_, receipt).select("key").fetchone()[0].startswith("k2026-")
    settings = keyed(settings, tmp_path, NEW.replace("k2026", "synthetic"))
    with pytest.raises(KeyFileError, match="is the made-up key's"):
        parse(settings, contract, receipt)


def test_a_key_from_the_environment(tmp_path):
    settings = from_environment({"CSP_HOME": str(tmp_path), "CSP_PSEUDONYM_KEY": f"{NEW};{OLD}"})
    assert pseudonyms.key_of(settings).name == "k2026"
    assert NEW.split()[1] not in repr(settings)
    with pytest.raises(SettingsError, match="set one"):
        from_environment({"CSP_PSEUDONYM_KEY": NEW, "CSP_PSEUDONYM_KEY_FILE": "x"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no key"),
        ("# nothing\n\n", "holds no key"),
        ("k1 abcdef", "line 1 of the file is not a key"),
        (f"{NEW}\nK2 {'ab' * 32}", "line 2 of the file is not a key"),
        (f"k1 {'00' * 32}", "the key in line 1 of the file is not random"),
        (f"{NEW}\n{NEW}", "two keys in the file have the name k2026"),
    ],
)
def test_a_bad_key_is_one_sentence_without_the_key(text, said):
    with pytest.raises(KeyFileError, match=said) as caught:
        keys_of(text, "the file")
    assert NEW.split()[1] not in str(caught.value) and "abcdef" not in str(caught.value)


def test_a_key_file_lies_apart_from_the_data_and_is_nobody_elses_to_read(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    for path in (home / "keys", tmp_path / "keys"):
        path.write_text(NEW)
        path.chmod(0o600)
    assert [key.name for key in read_keys(tmp_path / "keys", "it", home)] == ["k2026"]
    with pytest.raises(KeyFileError, match="it lies in CSP_HOME"):
        read_keys(home / "keys", "it", home)
    (tmp_path / "link").symlink_to(home / "keys")
    with pytest.raises(KeyFileError, match="it lies in CSP_HOME"):
        read_keys(tmp_path / "link", "it", home)
    with pytest.raises(KeyFileError, match="it cannot be read: no such file"):
        read_keys(tmp_path / "none", "it", home)
    with pytest.raises(KeyFileError, match="it cannot be read: is a directory"):
        read_keys(home, "it", tmp_path / "elsewhere")
    (tmp_path / "keys").chmod(0o640)
    with pytest.raises(KeyFileError, match="set its mode to 0600"):
        read_keys(tmp_path / "keys", "it", home)
    (tmp_path / "keys").write_bytes(b"\xff")
    with pytest.raises(KeyFileError, match="more than key names and digits"):
        read_keys(tmp_path / "keys", "it", home)
