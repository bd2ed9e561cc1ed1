"""The child that judges for a check: loads the code, and answers one question after the other."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Protocol

from replaykit.check.judging import Check
from replaykit.check.leaks import import_early
from replaykit.check.opened import note_openings
from replaykit.check.questions import (
    AboutFile,
    AboutWorkers,
    Began,
    Loaded,
    Loading,
    ToJudge,
    ToLoad,
    WhichFiles,
)
from replaykit.config import Config
from replaykit.history import History
from replaykit.processes import Parent

__all__ = ["Asking", "main", "serve"]


class Asking(Protocol):
    """Who asks the questions: a Parent, or what stands between it and this process."""

    def receive(self) -> Any:
        """The next question."""

    def send(self, message: object) -> None:
        """Send an answer."""


def main(parent: Parent) -> None:
    """Judge by the code of the folder that this process is in."""
    opening: ToLoad = parent.receive()
    serve(parent, opening.config, evidence=opening.evidence)


def serve(parent: Asking, config: Config, *, evidence: bool = False) -> None:
    """Answer the questions of `ChildCheck` until it is gone.

    Raises:
        WorkflowCodeError: The code of the only worker cannot be loaded.
    """

    if config.changed:
        note_openings()
    sdk = version("temporalio")  # before the code can take the path of imports away

    def began(history: History, worker: str) -> None:
        parent.send(
            Began(
                workflow_type=history.workflow_type,
                workflow_id=history.workflow_id,
                run_id=history.run_id,
                worker=worker,
            )
        )

    def loading(worker: str) -> None:
        parent.send(Loading(worker=worker))

    with Check(config, evidence=evidence, on_replay=began, on_load=loading, on_spoiled=parent.send) as judge:
        parent.send(Loaded(sdk=sdk))
        while True:
            question: ToJudge | AboutFile | AboutWorkers | WhichFiles = parent.receive()
            if isinstance(question, WhichFiles):
                parent.send(judge.files())
                continue
            judge.workers.give_up(question.broken)
            if isinstance(question, AboutWorkers):
                parent.send(judge.registered(whole=question.whole))
                continue
            if isinstance(question, AboutFile):
                parent.send(judge.known(question.path))
                continue
            judge.stalls.take(question.stalls)
            import_early(question.imported)
            parent.send(judge.judge(question.source, name=question.name))
