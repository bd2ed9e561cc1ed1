"""Judges fixtures in a process of its own: by the base's code, or by another release of the SDK."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from replaykit.check import Check
from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError
from replaykit.processes.pipes import Child, receive, send, served
from replaykit.verdict import Verdict

__all__ = ["Answer", "Request", "judged_elsewhere", "main"]


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
    """What came of it."""

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """By key; none at all where nothing could be judged."""
    workflow_types: tuple[str, ...] = ()
    """What the code registers."""
    sdk: str = ""
    """Release of temporalio."""
    error: str | None = None
    """Why nothing could be judged: the code does not import."""


def judged_elsewhere(request: Request, *, what: str, env: Mapping[str, str] | None = None) -> Answer:
    """Judge fixtures in a new process.

    Args:
        request: What to judge.
        what: What the process stands for, for messages.
        env: Environment variables besides our own.

    Raises:
        ReplaykitError: The process broke down.
    """
    with Child.of("replaykit.gate.base_verdicts:main", what=what, env=env) as child:
        child.tell(request)
        answer: Answer = child.hear()
    return answer


def main() -> None:
    """Serve one Request on standard input and output."""
    questions, answers = served()
    request: Request = receive(questions)
    os.chdir(request.root)
    try:
        send(answers, _judged(request))
    except ReplaykitError as error:
        send(answers, Answer(error=str(error)))
    os._exit(0)


def _judged(request: Request) -> Answer:
    with Check(_config(request)) as judge:
        return Answer(
            verdicts={key: judge.judge(path, name=key) for key, path in request.files.items()},
            workflow_types=tuple(sorted({name for worker in judge.workers.each for name in worker.names})),
            sdk=version("temporalio"),
        )


def _config(request: Request) -> Config:
    """The code's own configuration, judged as the change's says."""
    head, own = request.head, load_config(request.root)
    instead = Config(root=request.root, workers=head.workers, shared=head.shared)
    config = own if own.is_configured else instead
    return replace(config, strict=head.strict, strict_policy=head.strict_policy, timeout_s=head.timeout_s)
