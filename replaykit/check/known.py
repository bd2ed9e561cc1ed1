"""What a check knows of fixtures and of workflows, as values that any process can send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from replaykit.code.classes import file_of
from replaykit.verdict import Outcome, Verdict

__all__ = ["Fixture", "Registered", "RunBy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunBy:
    """The class that runs a workflow, as it was imported."""

    module: str
    class_name: str
    """Its qualified name."""
    file: str | None

    @classmethod
    def of(cls, workflow: type) -> RunBy:
        """Where a workflow class comes from."""
        return cls(module=workflow.__module__, class_name=workflow.__qualname__, file=file_of(workflow))


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """A workflow that a worker runs."""

    worker: str
    workflow_type: str | None
    """None for a dynamic workflow, which takes every type that the worker has no other for."""
    code: RunBy | None = field(default=None, compare=False)
    """Its class; None where the worker is not loaded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fixture:
    """What the corpus knows of one fixture."""

    history: str
    workflow_type: str | None
    """None for a file that could not be read."""
    worker: str | None
    """The worker that runs its workflow; None for none, or where nothing decides between several."""
    foreign_encodings: tuple[str, ...] = ()
    stuck: str | None = None
    """See `Verdict.stuck`."""
    outcome: Outcome | None = None
    """None where it was not judged."""
    commands_compared: int = 0
    wedges: bool = False
    """See `Verdict.wedges`."""
    kept: bool = False
    """See `Verdict.kept`."""

    @classmethod
    def of(cls, verdict: Verdict) -> Fixture:
        return cls(
            history=verdict.history,
            workflow_type=verdict.workflow_type,
            worker=verdict.worker,
            foreign_encodings=verdict.foreign_encodings,
            stuck=verdict.stuck,
            outcome=verdict.outcome,
            commands_compared=verdict.commands_compared,
            wedges=verdict.wedges,
            kept=verdict.kept,
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
            "stuck": self.stuck,
            "wedges": 1 if self.wedges else None,
            "kept": 1 if self.kept else None,
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
            stuck=facts.get("stuck"),
            outcome=Outcome(facts["outcome"]) if "outcome" in facts else None,
            commands_compared=facts["commands_compared"],
            wedges="wedges" in facts,
            kept="kept" in facts,
        )
