"""Gate 3 and the edition as assets, one partition per strategy year: candidate, verdict, assessment."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from orchestration import night
from orchestration.defs import asset_keys, jobs
from orchestration.defs.refusals import refused_in_words
from orchestration.defs.tonight import Tonight
from orchestration.edition import issue
from orchestration.edition.freeze import SignOff
from orchestration.quality.check_register import Check

ASSESSMENT = "assessment"
_ANALYSTS = "team:partnership_analysts"
_GROUP = "assessment"


class CandidateConfig(dg.Config):
    """How the edition is to be made. Empty: the cycle's own mode, and no reissue."""

    mode: str = ""
    reissue_reason: str = ""


class IssueConfig(dg.Config):
    """Who signs the edition off. Without a name nothing is issued."""

    sign_off: str = ""


def build_assessment(
    years: Sequence[str], checks: Mapping[str, Check]
) -> list[dg.AssetsDefinition]:
    """The three assets of the yearly edition; `checks` are the names of gate 3's checks."""
    partitions = dg.StaticPartitionsDefinition(list(years))

    @dg.asset(
        key=asset_keys.ASSESSMENT_CANDIDATE,
        deps=[asset_keys.PUBLISHED],
        partitions_def=partitions,
        group_name=_GROUP,
        owners=[_ANALYSTS],
        kinds={"json"},
        description="What exactly would be issued for the year: publication, mode, version, the "
        "analyst's words and the code, named by one fingerprint.",
    )
    def assessment_candidate(
        context: dg.AssetExecutionContext,
        config: CandidateConfig,
        tonight: dg.ResourceParam[Tonight],
    ) -> dg.MaterializeResult[Any]:
        with refused_in_words("not issued"), night.alone(tonight.settings):
            found = issue.candidate(
                tonight.settings, context.partition_key, config.mode, config.reissue_reason
            )
        return dg.MaterializeResult(
            metadata={
                "fingerprint": found.fingerprint,
                "mode": found.mode,
                "version": found.version,
                "publication": found.publication,
            }
        )

    @dg.asset(
        key=asset_keys.ASSESSMENT_VERDICT,
        deps=[asset_keys.ASSESSMENT_CANDIDATE],
        partitions_def=partitions,
        group_name=_GROUP,
        owners=[_ANALYSTS],
        kinds={"json"},
        check_specs=[
            dg.AssetCheckSpec(
                name, asset=asset_keys.ASSESSMENT_VERDICT, blocking=True, description=check.reason
            )
            for name, check in checks.items()
        ],
        description="Gate 3 on exactly this candidate: every check is run again, waivers are held "
        "against what failed, and ALLOW or HOLD is written down with its reasons.",
    )
    def assessment_verdict(
        context: dg.AssetExecutionContext, tonight: dg.ResourceParam[Tonight]
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        with refused_in_words("not issued"), night.alone(tonight.settings):
            verdict = issue.judge(tonight.settings, tonight.contracts, context.partition_key)
        yield dg.MaterializeResult(
            asset_key=asset_keys.ASSESSMENT_VERDICT,
            metadata={
                "verdict": "ALLOW" if verdict.allow else "HOLD",
                "reasons": dg.MetadataValue.md("\n".join(f"- {r}" for r in verdict.reasons) or "—"),
                "waivers used": len(verdict.used_waivers),
                "fingerprint": verdict.fingerprint,
            },
        )
        # A failed blocking check ends the step, so the failures come last and all are reported.
        results = [_result(name, verdict) for name in checks]
        yield from sorted(results, key=lambda result: not result.passed)

    @dg.asset(
        key=asset_keys.STRATEGIC_ASSESSMENT,
        deps=[asset_keys.ASSESSMENT_VERDICT],
        partitions_def=partitions,
        group_name=_GROUP,
        owners=[_ANALYSTS],
        kinds={"html", "pdf", "xlsx", "parquet"},
        description="The strategic assessment of the year, frozen: OFFICIAL-SENSITIVE and OFFICIAL, "
        "each whole on its own. Refuses on its own unless the verdict allows this very candidate "
        "and somebody signs it off; what was issued before is untouched.",
    )
    def strategic_assessment(
        context: dg.AssetExecutionContext, config: IssueConfig, tonight: dg.ResourceParam[Tonight]
    ) -> dg.MaterializeResult[Any]:
        sign_off = SignOff(config.sign_off, tonight.settings.now.isoformat(timespec="seconds"))
        with refused_in_words("not issued"), night.alone(tonight.settings):
            done = issue.issue(tonight.settings, context.partition_key, sign_off)
        return dg.MaterializeResult(
            metadata={
                "folder": f"editions/{done.year}/v{done.version}",
                "version": done.version,
                "was there already": done.was_there,
                **{f"sha256 of {name}": sha for name, sha in done.manifests.items()},
            }
        )

    return [assessment_candidate, assessment_verdict, strategic_assessment]


def build_job(executor: dg.ExecutorDefinition = dg.in_process_executor) -> Any:
    """Candidate, verdict and edition of one year in one run: the checks run again each time."""
    return dg.define_asset_job(
        ASSESSMENT,
        selection=jobs.YEARLY | jobs.YEARLY_CHECKS,
        executor_def=executor,
        description="The strategic assessment of one year: issued only when gate 3 allows it.",
        tags={"dagster/max_retries": "0"},
    )


def _result(name: str, verdict: Any) -> dg.AssetCheckResult:
    found = [finding for finding in verdict.findings if finding.check == name]
    holding = [reason for reason in verdict.reasons if reason.startswith(f"{name}:")]
    return dg.AssetCheckResult(
        asset_key=asset_keys.ASSESSMENT_VERDICT,
        check_name=name,
        passed=not holding,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "looked at": len(found),
            "passed": sum(finding.outcome == "passed" for finding in found),
            **{f"{n + 1}": reason for n, reason in enumerate(holding[:20])},
        },
    )
