"""Judges fixtures in a process of its own: by the base's code, or by another release of the SDK."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from replaykit.check import Check
from replaykit.config import Config, load_config
from replaykit.errors import HistoryError, ReplaykitError
from replaykit.history import read_history
from replaykit.processes import Lost, Parent, Pool, Program, to_answer, to_load
from replaykit.verdict import Outcome, Verdict

__all__ = ["Answer", "Request", "judged_elsewhere", "main"]

_Fixture = tuple[str, Path]
"""Key and file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is to be judged, and by what."""

    root: Path
    """The project whose code judges."""
    head: Config
    """The configuration of the change, for a base that has none; strictness and deadlines are always its."""
    files: Mapping[str, Path]
    """Fixtures, each under a key; absolute paths, for the process has another current folder."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The result."""

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """By key; none at all where nothing could be judged. What the process did not survive is unjudged."""
    workflow_types: tuple[str, ...] = ()
    """What the code registers."""
    sdk: str = ""
    """Release of temporalio."""
    error: str | None = None
    """Why nothing could be judged: the code does not load."""


def judged_elsewhere(request: Request, *, what: str, env: Mapping[str, str] | None = None) -> Answer:
    """Judge fixtures in a new process.

    Args:
        request: What to judge.
        what: What the process stands for, for messages.
        env: Environment variables besides our own.
    """
    timeout_s = request.head.timeout_s
    program = Program(
        function="replaykit.gate.base_verdicts:main",
        what=what,
        opening=(request.root, request.head),
        loading_s=to_load(timeout_s),
        env=env or {},
    )
    with Pool[_Fixture](program, item_s=to_answer(timeout_s)) as pool:
        try:
            loaded: Answer = pool.start()
        except ReplaykitError as error:
            return Answer(error=str(error))
        verdicts = {
            each.item[0]: _unjudged(each) if isinstance(each, Lost) else each.answer
            for each in pool.ask(request.files.items())
        }
    return replace(loaded, verdicts=verdicts)


def _unjudged(lost: Lost[_Fixture]) -> Verdict:
    key, path = lost.item
    verdict = Verdict(history=key, outcome=Outcome.UNJUDGED, reason=lost.reason, message=lost.message)
    try:
        history = read_history(path)
    except HistoryError:
        return verdict
    return replace(
        verdict,
        workflow_type=history.workflow_type,
        workflow_id=history.workflow_id,
        run_id=history.run_id,
    )


def main(parent: Parent) -> None:
    """Judge the files that the parent names, one after the other."""
    root, head = parent.receive()
    os.chdir(root)
    with Check(_config(root, head)) as judge:
        names = sorted({name for worker in judge.workers.each for name in worker.names})
        parent.send(Answer(workflow_types=tuple(names), sdk=version("temporalio")))
        while True:
            key, path = parent.receive()
            parent.send(judge.judge(path, name=key))


def _config(root: Path, head: Config) -> Config:
    """The code's own configuration, with the strictness and the deadline of the change's."""
    own = load_config(root)
    instead = Config(root=root, workers=head.workers, shared=head.shared)
    config = own if own.is_configured else instead
    return replace(config, strict=head.strict, strict_policy=head.strict_policy, timeout_s=head.timeout_s)
