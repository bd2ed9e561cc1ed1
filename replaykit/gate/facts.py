"""What a gate needs to know of a fixture without a replay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from replaykit.errors import HistoryError
from replaykit.history import History, pinned_to, read_history
from replaykit.history.events import status_of
from replaykit.limits import Limits
from replaykit.paths import display
from replaykit.replay.markers import patch_of

__all__ = ["Facts", "facts_of", "named"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """One fixture."""

    path: Path
    content: object
    """What it holds, and what its worker is chosen by and its code is given; equal for equal fixtures. Its
    bytes where it cannot be read."""
    run: tuple[str | None, str | None]
    """Type and id: a run that is recorded again keeps them."""
    run_id: str | None = None
    events: int = 0
    status: str | None = None
    """By its last event; None where it cannot be read."""
    pinned_to: str | None = None
    """The deployment version that the run stays on, as `deployment build`; None for a run that moves on."""
    patches: frozenset[str] = frozenset()
    """The patches whose marker it carries."""
    requires: tuple[str, ...] = ()
    """What it is kept for, by its own metadata."""

    @property
    def workflow_type(self) -> str | None:
        return self.run[0]

    @property
    def is_open(self) -> bool:
        """Whether it shows a run that has not ended."""
        return self.status == "RUNNING"


def facts_of(paths: Iterable[Path], limits: Limits) -> tuple[Facts, ...]:
    """Read each fixture.

    Args:
        paths: The files.
        limits: How large they may be.
    """
    return tuple(_facts(path, limits) for path in paths)


def _facts(path: Path, limits: Limits) -> Facts:
    try:
        history = read_history(path, limits=limits)
    except HistoryError as error:
        return Facts(path=path, content=_unread(path, error), run=(None, path.name))
    return Facts(
        path=path,
        content=_content(history),
        run=(history.workflow_type, history.workflow_id),
        run_id=history.run_id,
        events=len(history.events),
        status=status_of(history.events),
        pinned_to=pinned_to(history),
        patches=frozenset(patch.patch_id for event in history.events if (patch := patch_of(event))),
        requires=history.requires,
    )


def _unread(path: Path, error: HistoryError) -> object:
    """The digest of a file that cannot be read as a history; why not, where it cannot be read at all."""
    if not path.is_file():
        return str(error)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
    except OSError as refused:
        return str(refused)
    return digest.digest()


def _content(history: History) -> object:
    digest = hashlib.sha256()
    for event in history.events:
        digest.update(event.SerializeToString(deterministic=True))
    # Its metadata decides what the code is given, and by which worker.
    about = (
        history.workflow_type,
        history.workflow_id,
        history.run_id,
        history.namespace,
        history.task_queue,
    )
    return digest.digest(), len(history.events), about


def named(facts: Iterable[Facts]) -> dict[str, Facts]:
    """What is known of fixtures, by the paths that a report shows.

    Args:
        facts: Of `facts_of`.
    """
    return {display(each.path): each for each in facts}
