"""The head's side of a base: starts its process, judges what it grows, and collects what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from replaykit.errors import ReplaykitError
from replaykit.explore.searching.base_process import Done, Failed, Judged, Noted, Request
from replaykit.explore.searching.judging import NAME, key_of
from replaykit.explore.searching.summary import Explored
from replaykit.explore.workflows import Key
from replaykit.processes.pipes import Child
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Verdict

__all__ = ["explore_base"]


def explore_base(
    request: Request,
    sessions: Mapping[Key, ReplaySession],
    *,
    on_explored: Callable[[Explored], None],
    on_note: Callable[[str], None],
) -> dict[Key, Explored]:
    """Grow histories by the base's code, and judge them by the head's.

    Args:
        request: What to grow.
        sessions: The head's code of each of its subjects.
        on_explored: Told of each workflow when it is done.
        on_note: Told what of the configuration the base has no use for.

    Returns:
        What came of each subject that the base has too.

    Raises:
        ReplaykitError: The base's code does not import, or its process broke down.
    """
    explored: dict[Key, Explored] = {}
    verdicts: dict[str, Verdict] = {}
    with Child.of("replaykit.explore.searching.base_process:main", what="the base") as child:
        child.tell(request)
        while (message := child.hear()) is not None:
            if isinstance(message, Failed):
                raise ReplaykitError(f"the base: {message.message}")
            if isinstance(message, Noted):
                on_note(message.message)
            if isinstance(message, Judged):
                verdict = sessions[message.subject].judge(message.history, name=NAME)
                key = key_of(verdict)
                if key is not None:
                    verdicts[key] = verdict
                child.tell(key)
            if isinstance(message, Done):
                found = {key: verdicts[key] for key in message.summary.findings}
                of_it = Explored(summary=message.summary, verdicts=found, missed=message.missed)
                explored[message.subject] = of_it
                verdicts = {}
                on_explored(of_it)
    return explored
