"""Registered workflows compared with fixtures: what is not guarded, what is stale, what cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from replaykit.check.fixtures import others_of
from replaykit.check.judge import Judge
from replaykit.check.known import Fixture, Registered
from replaykit.config import Config
from replaykit.trust import Finding, FindingKind
from replaykit.verdict import Outcome

__all__ = ["as_narrowed", "corpus_findings", "findings_of"]


def corpus_findings(judge: Judge, paths: Iterable[Path], fixtures: Iterable[Fixture]) -> tuple[Finding, ...]:
    """What is found about the corpus of fixtures, beside the Verdicts.

    A run that was narrowed to some of the configured histories cannot know which workflows have no fixture;
    where that fails the check, the others are read too.

    Args:
        judge: What judged them.
        paths: The fixtures that were judged.
        fixtures: What is known of them.
    """
    config = judge.config
    others = others_of(config, paths)
    read_too = others if config.require_fixtures else ()
    known = [*fixtures, *map(judge.known, read_too)]
    whole = config.require_fixtures or not others
    findings = findings_of(
        judge.registered(whole=whole),
        known,
        whole=whole,
        required=config.require_fixtures,
    )
    return as_narrowed(config, findings)


def as_narrowed(config: Config, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The Findings of a run as its command line meant it: what it leaves out is not stale."""
    if not config.narrowed:
        return tuple(findings)
    return tuple(
        replace(
            finding,
            kind=FindingKind.LEFT_OUT,
            message=f"{finding.subject} is a history of {finding.detail}, which this run leaves out",
            cure="They stay unjudged. To replay the others alone, name paths such as histories/OrderWorkflow",
        )
        if finding.kind is FindingKind.FIXTURE_WITHOUT_WORKFLOW
        else finding
        for finding in findings
    )


def findings_of(
    registered: Sequence[Registered], fixtures: Iterable[Fixture], *, whole: bool, required: bool = False
) -> tuple[Finding, ...]:
    """Every Finding about the corpus.

    Args:
        registered: Every workflow of every worker.
        fixtures: All that there are, or those that were asked for.
        whole: Whether these are all: only then is a workflow known to have none.
        required: Whether a workflow without a fixture fails the check.
    """
    known = tuple(fixtures)
    missing = _without_fixture(registered, known, required=required) if whole else ()
    return (*missing, *_without_workflow(registered, known), *_foreign(known), *_stuck(known))


def _without_fixture(
    registered: Sequence[Registered], fixtures: Sequence[Fixture], *, required: bool
) -> Iterator[Finding]:
    named = {(entry.worker, entry.workflow_type) for entry in registered}
    guarded: set[tuple[str | None, str | None]] = set()
    for fixture in fixtures:
        key = (fixture.worker, fixture.workflow_type)
        guarded.add(key if key in named else (fixture.worker, None))
    nobodys = {fixture.workflow_type for fixture in fixtures if fixture.worker is None}
    for entry in registered:
        if (entry.worker, entry.workflow_type) in guarded or (entry.workflow_type or "") in nobodys:
            continue
        name = entry.workflow_type
        listing = (
            f"temporal workflow list --query 'WorkflowType=\"{name}\"'" if name else "temporal workflow list"
        )
        yield Finding(
            kind=FindingKind.WORKFLOW_WITHOUT_FIXTURE,
            subject=name or "(dynamic)",
            worker=entry.worker,
            message=f"workflow {name or '(dynamic)'}{_of(entry.worker)} has no fixture, so nothing guards it",
            cure=f"Capture a run: replaykit capture WORKFLOW_ID\nIts id: {listing}",
            fails=required,
        )


def _without_workflow(registered: Sequence[Registered], fixtures: Iterable[Fixture]) -> Iterator[Finding]:
    types = {entry.workflow_type for entry in registered}
    for fixture in fixtures:
        if (
            fixture.worker is None
            and fixture.workflow_type is not None
            and fixture.workflow_type not in types
        ):
            yield Finding(
                kind=FindingKind.FIXTURE_WITHOUT_WORKFLOW,
                subject=fixture.history,
                detail=fixture.workflow_type,
                message=f"{fixture.history} is stale: no configured worker runs {fixture.workflow_type}",
                cure="Delete it if the workflow was removed; else add its module to workflows",
            )


def _foreign(fixtures: Iterable[Fixture]) -> Iterator[Finding]:
    for fixture in fixtures:
        if fixture.foreign_encodings:
            yield Finding(
                kind=FindingKind.FOREIGN_ENCODING,
                subject=fixture.history,
                worker=fixture.worker,
                detail=", ".join(fixture.foreign_encodings),
                message=f"{fixture.history} holds payloads encoded as "
                f"{', '.join(fixture.foreign_encodings)}, which the data converter of its worker cannot read",
                cure="Configure the codec that wrote them: data_converter in [tool.replaykit]",
            )


def _stuck(fixtures: Iterable[Fixture]) -> Iterator[Finding]:
    for fixture in fixtures:
        if fixture.stuck is not None and fixture.outcome is Outcome.CONSISTENT:
            yield Finding(
                kind=FindingKind.STUCK,
                subject=fixture.history,
                worker=fixture.worker,
                detail=fixture.stuck,
                message=f"{fixture.history} ends in a workflow task that failed when it was captured "
                f"({fixture.stuck}); this code comes past it",
                cure="Once the run has gone on, capture it again: replaykit capture WORKFLOW_ID",
            )


def _of(worker: str) -> str:
    return "" if worker == "default" else f" of worker {worker}"
