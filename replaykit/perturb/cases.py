"""A History that is to be perturbed: its file, and its worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from replaykit.check import Fixture

__all__ = ["Case"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One History, as a file: every process reads it again."""

    path: Path
    name: str
    """What findings call it."""
    worker: str
    """Name of the worker that runs its workflow."""
    workflow_type: str | None = None

    @classmethod
    def of(cls, path: Path, fixture: Fixture) -> Case | None:
        """The case of a fixture; None where no worker runs its workflow, or it was standard input."""
        if fixture.worker is None or not path.is_file():
            return None
        return cls(
            path=path.resolve(),
            name=fixture.history,
            worker=fixture.worker,
            workflow_type=fixture.workflow_type,
        )

    @classmethod
    def all_of(cls, fixtures: Iterable[tuple[Path, Fixture]]) -> tuple[Case, ...]:
        """Those of all fixtures that some worker runs the workflow of."""
        return tuple(case for path, fixture in fixtures if (case := cls.of(path, fixture)) is not None)
