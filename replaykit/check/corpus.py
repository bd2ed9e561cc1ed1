"""Registered workflows held against fixtures: what is not guarded, what is stale, what cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from replaykit.replay.workers import Worker
from replaykit.trust import Finding, FindingKind
from replaykit.verdict import Verdict

__all__ = ["Fixture", "Registered", "findings_of", "registered_by"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """A workflow that a worker runs."""

    worker: str
    workflow_type: str | None
    """None for a dynamic workflow, which takes every type that the worker has no other for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fixture:
    """What the corpus knows of one fixture."""

    history: str
    workflow_type: str | None
    """None for a file that could not be read."""
    worker: str | None
    """The worker that runs its workflow; None for nobody, or for several that cannot be told apart."""
    foreign_encodings: tuple[str, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict) -> Fixture:
        return cls(
            history=verdict.history,
            workflow_type=verdict.workflow_type,
            worker=verdict.worker,
            foreign_encodings=verdict.foreign_encodings,
        )


def registered_by(workers: Iterable[Worker]) -> tuple[Registered, ...]:
    """Every workflow of the workers, in their order; a dynamic one last."""
    return tuple(
        Registered(worker=worker.config.name, workflow_type=name)
        for worker in workers
        for name in (*worker.names, *((None,) if worker.has_dynamic else ()))
    )


def findings_of(
    registered: Sequence[Registered], fixtures: Iterable[Fixture], *, whole: bool, required: bool = False
) -> tuple[Finding, ...]:
    """Everything that the corpus says beside the Verdicts.

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
                cure="Delete it where the workflow is gone for good; else add its module to workflows",
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
