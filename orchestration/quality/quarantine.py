"""The report on a refused delivery: what a partner needs to send a corrected one, and nothing else.

    quarantine/<partner>/<feed>/<slot>/<seq>-<sha12>/report.json, report.txt, and the file itself

The report names rules, counts and line numbers; it never holds a value from the file.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from orchestration.contracts.odcs import Contract
from orchestration.core.files import scratch, write_json, write_text
from orchestration.core.refusal import Refusal
from orchestration.core.settings import Settings
from orchestration.ingest.landing.deliveries import Record
from orchestration.ingest.landing.receipts import Receipt
from orchestration.protection import vault
from orchestration.quality.outcomes import in_words

# Of a record, what is of no use to a partner.
_OUR_OWN = ("contract_fingerprint", "raw_sha256")


def folder_of(settings: Settings, receipt: Receipt) -> Path:
    """Where a refused delivery is set aside."""
    return settings.quarantine / receipt.feed / receipt.delivery_id


def set_aside(settings: Settings, contract: Contract, receipt: Receipt, record: Record) -> None:
    """Put the delivery and the report on it into quarantine; landing keeps the bytes as well."""
    folder = folder_of(settings, receipt)
    name = receipt.file_name
    source = receipt.bytes_path(settings)
    with scratch(folder, receipt.ending) as temporary:
        if source.exists():
            try:
                os.link(source, temporary)
            except OSError:
                shutil.copyfile(source, temporary)
            os.replace(temporary, folder / name)
    report = report_of(contract, receipt, record)
    write_text(folder / "report.txt", text_of(report))
    write_json(folder / "report.json", report)


def is_whole(settings: Settings, contract: Contract, receipt: Receipt, record: Record) -> bool:
    """Whether the report on a refused delivery is there, and is what would be written now."""
    folder = folder_of(settings, receipt)
    report = report_of(contract, receipt, record)
    try:
        said = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        words = (folder / "report.txt").read_text(encoding="utf-8")
        kept = folder / report["file"]
        if not kept.samefile(receipt.bytes_path(settings)):  # a copy, where no link was possible
            with vault.opened(settings, kept, receipt.sha256):
                pass
    except (OSError, ValueError, Refusal):
        return False
    return bool(said == json.loads(json.dumps(report)) and words == text_of(report))


def release(settings: Settings, receipt: Receipt) -> None:
    """Take a delivery out of quarantine: it passed under a newer contract."""
    shutil.rmtree(folder_of(settings, receipt), ignore_errors=True)


def report_of(contract: Contract, receipt: Receipt, record: Record) -> dict[str, Any]:
    """The report as data. Pure."""
    return {
        "partner": contract.partner,
        "feed": contract.feed,
        "period": receipt.period,
        "part": receipt.part,
        "file": receipt.file_name,
        "sha256": receipt.sha256,
        "size": receipt.size,
        "received_at": receipt.received_at,
        "contract_version": contract.version,
        "owner": contract.owner,
        "synthetic": receipt.synthetic,
        **{key: value for key, value in asdict(record).items() if key not in _OUR_OWN},
    }


def text_of(report: dict[str, Any]) -> str:
    """The report as a letter. Pure."""
    part = f", {report['part']}" if report["part"] else ""
    lines = [
        "Delivery set aside" + (" (SYNTHETIC)" if report["synthetic"] else ""),
        "",
        f"Partner:   {report['partner']}",
        f"Feed:      {report['feed']}",
        f"Period:    {report['period']}{part}",
        f"File:      {report['file']} ({report['size']:,} bytes)",
        f"SHA-256:   {report['sha256']}",
        f"Received:  {report['received_at']}",
        f"Contract:  version {report['contract_version']}, owner: {report['owner']}",
        "",
        f"Why: {report['reason']}.",
    ]
    failed = [rule for rule in report["rules"] if rule["outcome"] != "passed"]
    if failed:
        lines += ["", "Rules that did not pass:"]
    for rule in failed:
        rows = "" if rule["failing_rows"] is None else f" ({in_words(rule['failing_rows'])})"
        lines.append(f"  - [{rule['severity']}] {rule['rule']}: {rule['sentence']}{rows}")
        if rule["first_rows"]:
            shown = ", ".join(str(row) for row in rule["first_rows"])
            more = ", …" if (rule["failing_rows"] or 0) > len(rule["first_rows"]) else ""
            lines.append(f"    lines of the file: {shown}{more}")
    lines += [
        "",
        "What happens now: nothing of this file is used. The last good delivery stays live.",
        "What to do: send a corrected file under the same name; it is picked up by itself.",
        "",
    ]
    return "\n".join(lines)
