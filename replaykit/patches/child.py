"""The process that loads the code and replays for a survey: it reports each History before its replay."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from replaykit.capture import Connection
from replaykit.check import Workers
from replaykit.config import Config
from replaykit.patches.survey import survey
from replaykit.processes import Parent

__all__ = ["Fetched", "Replaying", "Task", "main"]

_BEAT_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What is to be surveyed."""

    config: Config
    connection: Connection | None
    open_only: bool
    most: int
    without: Mapping[str, str]
    """By name, why a History is not replayed again: an earlier process was lost over it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaying:
    """The History that is replayed next."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """How many Histories have come from the service, and of how many; none while it is asked for others."""

    done: int
    total: int


def main(parent: Parent) -> None:
    """Survey, and send what was found."""
    task: Task = parent.receive()
    workers = Workers(task.config)
    workers.every()
    parent.send(None)
    found = survey(
        task.config,
        workers=workers,
        connection=task.connection,
        open_only=task.open_only,
        most=task.most,
        without=task.without,
        on_fetched=lambda done, total: parent.send(Fetched(done=done, total=total)),
        on_replay=lambda name: parent.send(Replaying(name=name)),
        asking=lambda: _beating(parent),
    )
    parent.send(found)


@contextmanager
def _beating(parent: Parent) -> Iterator[None]:
    """Keep the parent from waiting in vain while the service is asked, which has deadlines of its own."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_S):
            parent.send(Fetched(done=0, total=0))

    thread = threading.Thread(target=beat, name="replaykit-beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
