"""Registered workflows compared with fixtures: what is not guarded, what is stale, what cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from replaykit.check.fixtures import others_of
from replaykit.check.workers import Registered, Workers
from replaykit.config import Config
from replaykit.errors import HistoryError
from replaykit.history import read_history
from replaykit.paths import display
from replaykit.trust import Finding, FindingKind
from replaykit.verdict import Outcome, Verdict

__all__ = ["Fixture", "as_narrowed", "corpus_findings", "findings_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fixture:
    """What the corpus knows of one fixture."""

    history: str
    workflow_type: str | None
    """None for a file that could not be read."""
    worker: str | None
    """The worker that runs its workflow; None for none, or where nothing decides between several."""
    foreign_encodings: tuple[str, ...] = ()
    outcome: Outcome | None = None
    """None where it was not judged."""
    commands_compared: int = 0

    @classmethod
    def of(cls, verdict: Verdict) -> Fixture:
        return cls(
            history=verdict.history,
            workflow_type=verdict.workflow_type,
            worker=verdict.worker,
            foreign_encodings=verdict.foreign_encodings,
            outcome=verdict.outcome,
            commands_compared=verdict.commands_compared,
        )

    @classmethod
    def at(cls, path: Path, workers: Workers) -> Fixture:
        """What is known of a file without a replay."""
        try:
            history = read_history(path)
        except HistoryError:
            return cls(history=display(path), workflow_type=None, worker=None)
        worker = workers.running(history)
        return cls(
            history=display(path),
            workflow_type=history.workflow_type,
            worker=worker.config.name if worker is not None else None,
        )

    def facts(self) -> dict[str, str | int]:
        """All of it as text and numbers, which any process can send; what is not known is left out."""
        known: dict[str, str | int | None] = {
            "outcome": self.outcome.value if self.outcome is not None else None,
            "commands_compared": self.commands_compared,
            "history": self.history,
            "workflow_type": self.workflow_type or None,
            "worker": self.worker,
            "foreign_encodings": ", ".join(self.foreign_encodings) or None,
        }
        return {name: value for name, value in known.items() if value is not None}

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Fixture:
        """The fixture that `facts` was called of."""
        return cls(
            history=facts["history"],
            workflow_type=facts.get("workflow_type"),
            worker=facts.get("worker"),
            foreign_encodings=tuple(filter(None, facts.get("foreign_encodings", "").split(", "))),
            outcome=Outcome(facts["outcome"]) if "outcome" in facts else None,
            commands_compared=facts["commands_compared"],
        )


def corpus_findings(
    config: Config, workers: Workers, paths: Iterable[Path], fixtures: Iterable[Fixture]
) -> tuple[Finding, ...]:
    """What is found about the corpus of fixtures, beside the Verdicts.

    A run that was narrowed to some of the configured histories cannot know which workflows have no fixture;
    where that fails the check, the others are read too.

    Args:
        config: The project's.
        workers: Its workers.
        paths: The fixtures that were judged.
        fixtures: What is known of them.
    """
    others = others_of(config, paths)
    read_too = others if config.require_fixtures else ()
    findings = findings_of(
        workers.registered,
        [*fixtures, *(Fixture.at(path, workers) for path in read_too)],
        whole=config.require_fixtures or not others,
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
    return (*missing, *_without_workflow(registered, known), *_foreign(known))


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


def _of(worker: str) -> str:
    return "" if worker == "default" else f" of worker {worker}"
