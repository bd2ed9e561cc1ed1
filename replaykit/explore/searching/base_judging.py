"""The head's side of a base: has histories grown in the base's process, and judges them by its own code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from replaykit.errors import ValuesError
from replaykit.explore.searching.base_growing import Done, Failed, Judged, Loaded, Request
from replaykit.explore.searching.judging import key_of
from replaykit.explore.searching.summary import Explored
from replaykit.explore.workflows import Key
from replaykit.history import History
from replaykit.processes import Child, ChildLostError, Children, Program, to_answer, to_load
from replaykit.verdict import Verdict

__all__ = ["JudgesGrown", "explore_base"]


class JudgesGrown(Protocol):
    """Judges what another code has grown."""

    def judge(self, workflow: Key, history: History) -> Verdict:
        """The Verdict of the head's code."""


def explore_base(
    request: Request,
    explorer: JudgesGrown,
    *,
    on_explored: Callable[[Explored], None],
    on_lost: Callable[[Key, str], None],
    on_note: Callable[[str], None],
    on_scenarios: Callable[[str, int], None],
) -> tuple[Key, ...]:
    """Grow histories by the base's code, and judge them by the head's.

    Args:
        request: What to grow.
        explorer: The head's code.
        on_explored: Given each workflow when it is done.
        on_lost: Given a workflow that was not explored, and why not.
        on_scenarios: Given a workflow type, and how many scenarios of it there are.
        on_note: Given what of the configuration the base has no use for.

    Returns:
        The workflows that the base has too.

    Raises:
        ReplaykitError: The base's code cannot be loaded.
    """
    timeout_s = request.head.timeout_s
    program = Program(
        function="replaykit.explore.searching.base_growing:main",
        what="the base",
        opening=request,
        loading_s=to_load(timeout_s),
    )
    with Children() as children:
        child = children.of(program)
        loaded: Loaded = child.start()
        for note in loaded.notes:
            on_note(note)
        for key in loaded.workflows:
            if not child.is_running:
                child.start()
            try:
                explored = _explored(
                    child, key, explorer, request.seconds + to_answer(timeout_s), on_scenarios
                )
            except ValuesError as error:
                on_lost(key, f"in the base, {error}")
            except ChildLostError as error:
                on_lost(key, str(error))
                child.drop()  # where the head was lost, it still searches
            else:
                on_explored(explored)
    return loaded.workflows


def _explored(
    child: Child, key: Key, explorer: JudgesGrown, deadline_s: float, on_scenarios: Callable[[str, int], None]
) -> Explored:
    """One workflow, explored.

    Args:
        child: The base's process.
        key: The workflow.
        explorer: The head's code.
        deadline_s: Of each message: a base may search all its time without a history to be judged.
        on_scenarios: Given the workflow type, and how many scenarios of it were judged.

    Raises:
        ChildLostError: One of the two processes was lost meanwhile.
        ValuesError: There is no strategy for a type hint.
    """
    verdicts: dict[str, Verdict] = {}
    child.send(key)
    scenarios = 0
    while True:
        on_scenarios(key[1], scenarios)
        message: Judged | Done | Failed = child.hear(deadline_s)
        if isinstance(message, Failed):
            raise ValuesError(message.message)
        if isinstance(message, Done):
            found = {finding: verdicts[finding] for finding in message.summary.findings}
            return Explored(summary=message.summary, verdicts=found, unreached=message.unreached)
        verdict = explorer.judge(key, message.history)
        shown = key_of(verdict)
        if shown is not None:
            verdicts[shown] = verdict
        child.send(shown)
        scenarios += 1
