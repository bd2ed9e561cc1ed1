"""The folder of fixtures: where a History belongs, and how it gets there without ever losing one."""

from __future__ import annotations

import dataclasses
import enum
import gzip
import os
from dataclasses import dataclass
from pathlib import Path

from replaykit.errors import ReplaykitError, UnreadableHistoryError
from replaykit.history.model import History
from replaykit.history.naming import fixture_name
from replaykit.history.reading import read_history
from replaykit.history.whole_file import write_whole
from replaykit.history.writing import dump_history
from replaykit.limits import DEFAULT_LIMITS, Limits

__all__ = ["Action", "Saved", "Store"]

_FILLED = ("workflow_id", "run_id", "workflow_type", "namespace", "status", "task_queue", "sdk", "build_id")


class Action(str, enum.Enum):
    """What saving a History did to its file."""

    WRITTEN = "written"
    """There was no such file."""
    UNCHANGED = "unchanged"
    """The file holds the same but for the time of its capture: not touched."""
    UPDATED = "updated"
    """The file held an earlier state of the same run, or was overwritten by force."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """Where a History was saved, and what that did."""

    path: Path
    """The fixture."""
    action: Action
    """What saving did to it."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of fixtures, such as `histories/`. It need not exist yet.

    Example:
        store = Store(Path("histories"))
        saved = store.save(read_history("downloads/order-17.json"))
        print(saved.path, saved.action)
    """

    root: Path
    """The folder."""
    limits: Limits = DEFAULT_LIMITS
    """How large a fixture may be that is read before it is written again."""

    def path_of(self, history: History) -> Path:
        """Find where the fixture of a run is, or belongs.

        Args:
            history: Of that run.

        Returns:
            The file that is there (`.json`, else `.json.gz`), or the one to write.
        """
        plain = self.root / fixture_name(history)
        if not os.path.lexists(plain):
            packed = self.root / fixture_name(history, compressed=True)
            if os.path.lexists(packed):
                return packed
        return plain

    def save(self, history: History, *, force: bool = False) -> Saved:
        """Write the fixture of a History, unless that would lose another.

        The file appears whole or not at all: it is written beside its place and renamed.

        Args:
            history: What to write.
            force: Overwrite a fixture that holds other events. One that cannot be read is left alone even so.

        Returns:
            Where it was saved, and what that did to the file.

        Raises:
            ReplaykitError: A file is in the way, or the file system refuses.
        """
        path = self.path_of(history)
        action = Action.WRITTEN
        if os.path.lexists(path):
            existing = _existing(path, self.limits)
            filled = _filled(history, existing)
            if dataclasses.replace(filled, captured_at=existing.captured_at, path=existing.path) == existing:
                return Saved(path=path, action=Action.UNCHANGED)
            if _continues(existing, filled):
                history = filled
            elif not force:
                raise ReplaykitError(
                    _difference(existing, history),
                    where=str(path),
                    cure="Use --force to overwrite it, or save into another folder",
                )
            else:  # what the fixture is kept for stays asked for
                history = dataclasses.replace(history, requires=filled.requires)
            action = Action.UPDATED
        data = dump_history(history)
        # The time of day does not go into the gzip header: the same History gives the same bytes.
        write_whole(path, gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
        return Saved(path=path, action=action)


def _existing(path: Path, limits: Limits) -> History:
    try:
        return read_history(path, limits=limits)
    except UnreadableHistoryError as error:
        raise ReplaykitError(
            f"a file is in the way that cannot be read, so it is left alone ({error.what})",
            where=str(path),
            cure="Move it away, or delete it yourself",
        ) from error


def _filled(history: History, existing: History) -> History:
    """The History with what the file knows and it does not: an import knows no namespace."""
    unknown = {name: getattr(existing, name) for name in _FILLED if getattr(history, name) is None}
    unknown |= {} if history.requires else {"requires": existing.requires}
    return dataclasses.replace(history, **unknown) if unknown else history


def _continues(existing: History, history: History) -> bool:
    """Whether the file holds an earlier state of the same run."""
    same_run = (existing.workflow_id, existing.run_id) == (history.workflow_id, history.run_id)
    return same_run and history.events[: len(existing.events)] == existing.events


def _difference(existing: History, history: History) -> str:
    if (existing.workflow_id, existing.run_id) != (history.workflow_id, history.run_id):
        return f"the fixture of another run is there (workflow {existing.workflow_id}, run {existing.run_id})"
    pairs = zip(existing.events, history.events, strict=False)
    same = next((index for index, (old, new) in enumerate(pairs) if old != new), None)
    if same is not None:
        return f"a fixture of this run is there that differs from event {same + 1} on"
    more = f"{len(existing.events)} events, not {len(history.events)}"
    return f"a fixture of this run is there that goes further ({more})"
