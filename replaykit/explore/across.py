"""The head's side of a base: starts its process, judges what it grows, and collects what was found."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from replaykit.errors import ReplaykitError
from replaykit.explore.base import Done, Failed, Judged, Request, receive, send
from replaykit.explore.judging import NAME, key_of
from replaykit.explore.summary import Explored
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Verdict

__all__ = ["explore_base"]

_START = "from replaykit.explore.base import main; main()"


def explore_base(
    request: Request, sessions: Mapping[str, ReplaySession], *, on_explored: Callable[[Explored], None]
) -> list[Explored]:
    """Grow histories by the base's code, and judge them by the head's.

    Args:
        request: What to grow.
        sessions: By workflow type, the head's code.
        on_explored: Told of each workflow when it is done.

    Raises:
        ReplaykitError: The base's code does not import, or its process broke down.
    """
    explored: list[Explored] = []
    verdicts: dict[str, Verdict] = {}
    with _process() as child:
        assert child.stdin is not None
        assert child.stdout is not None
        send(child.stdin, request)  # type: ignore[arg-type]
        while (message := _next(child)) is not None:
            if isinstance(message, Failed):
                raise ReplaykitError(f"the base: {message.message}")
            if isinstance(message, Judged):
                verdict = sessions[message.workflow_type].judge(message.history, name=NAME)
                key = key_of(verdict)
                if key is not None:
                    verdicts[key] = verdict
                send(child.stdin, key)  # type: ignore[arg-type]
            if isinstance(message, Done):
                found = {key: verdicts[key] for key in message.summary.findings}
                explored.append(Explored(summary=message.summary, verdicts=found, missed=message.missed))
                verdicts = {}
                on_explored(explored[-1])
    return explored


def _next(child: subprocess.Popen[bytes]) -> Any:
    try:
        return receive(child.stdout)  # type: ignore[arg-type]
    except EOFError:
        raise ReplaykitError(
            f"the process of the base ended early (exit code {child.wait()})",
            cure="What it printed is above.",
        ) from None


@contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    # From an empty folder: with -c Python puts the current one first on its path.
    with tempfile.TemporaryDirectory(prefix="replaykit-") as nowhere:
        child = subprocess.Popen(
            [sys.executable, "-c", _START], cwd=nowhere, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            yield child
        finally:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
