"""The head's side of a base: starts its process, judges what it grows, and collects what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from replaykit.errors import ReplaykitError
from replaykit.explore.base import Done, Failed, Judged, Request
from replaykit.explore.judging import NAME, key_of
from replaykit.explore.summary import Explored
from replaykit.pipes import Child
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Verdict

__all__ = ["explore_base"]


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
    with Child.of("replaykit.explore.base:main", what="the base") as child:
        child.tell(request)
        while (message := child.hear()) is not None:
            if isinstance(message, Failed):
                raise ReplaykitError(f"the base: {message.message}")
            if isinstance(message, Judged):
                verdict = sessions[message.workflow_type].judge(message.history, name=NAME)
                key = key_of(verdict)
                if key is not None:
                    verdicts[key] = verdict
                child.tell(key)
            if isinstance(message, Done):
                found = {key: verdicts[key] for key in message.summary.findings}
                explored.append(Explored(summary=message.summary, verdicts=found, missed=message.missed))
                verdicts = {}
                on_explored(explored[-1])
    return explored
