"""One perturbed run: Histories replayed one after the other, by a process under its conditions."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from replaykit.check.stalls import IN_A_ROW
from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.perturb.axes import Conditions
from replaykit.perturb.cases import Case
from replaykit.perturb.task import Replayed, Task, Unreadable
from replaykit.processes import Child, ChildLostError, Children, Program, to_answer, to_load
from replaykit.replay.sdk.private import changed_internals
from replaykit.temporary import temporary_folder
from replaykit.verdict import Reason

__all__ = ["Broke", "Ran", "run"]


_NOT_WAITED = (
    f"not replayed: {IN_A_ROW} replays of its worker in a row gave no answer, so the rest was not waited for"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Broke:
    """A process that did not come to its end."""

    case: Case | None
    """What it was replaying; None before the first History."""
    message: str


@dataclass(kw_only=True, slots=True)
class Ran:
    """What a process answered: by History, what came of each of its replays."""

    replays: dict[Case, list[dict[str, Any]]] = field(default_factory=dict)
    broke: list[Broke] = field(default_factory=list)


def run(config: Config, conditions: Conditions, cases: Sequence[Case], *, children: Children) -> Ran:
    """Replay Histories in a process of their own, in that order.

    A process that ends under a History is started again, so that those after it are still replayed.

    Args:
        config: The whole configuration.
        conditions: What is changed.
        cases: The Histories; one may come twice.
        children: Where the process is started, and ended at the latest.
    """
    ran = Ran()
    if not cases:
        return ran
    with temporary_folder("elsewhere") as elsewhere:
        # Code may need its settings, or the year, to be imported at all.
        for calm in dict.fromkeys((conditions.calm_imports, True)):
            task = Task(
                config=config,
                conditions=dataclasses.replace(conditions, calm_imports=calm),
                elsewhere=str(elsewhere),
                workers=frozenset(case.worker for case in cases),
            )
            with children.of(_program(task)) as child:
                try:
                    child.start()
                except ReplaykitError as error:
                    failure = error
                    continue
                _replay(child, cases, ran, deadline_s=to_answer(2 * config.timeout_s))
                return ran
    ran.broke.append(Broke(case=None, message=str(failure)))
    return ran


def _program(task: Task) -> Program:
    return Program(
        function="replaykit.perturb.child.main:main",
        what="the process",
        opening=task,
        loading_s=to_load(task.config.timeout_s),
        env=task.conditions.variables(),
        path=[os.path.abspath(path) for path in sys.path],  # noqa: PTH100  # "" is the current folder
    )


def _replay(child: Child, cases: Sequence[Case], ran: Ran, *, deadline_s: float) -> None:
    """Ask a process about one History after the other.

    Args:
        child: The process.
        cases: The Histories.
        ran: Where the answers go.
        deadline_s: Of an answer: a warm process replays each History twice.
    """
    unchanged: set[str] = set()
    stalls: Counter[str] = Counter()
    for case in cases:
        if stalls[case.worker] >= IN_A_ROW:
            ran.broke.append(Broke(case=case, message=_NOT_WAITED))
            continue
        try:
            if not child.is_running:
                child.start()
        except ReplaykitError as error:
            ran.broke.append(Broke(case=None, message=str(error)))
            break
        child.send(case)
        try:
            answer: Replayed | Unreadable = child.hear(deadline_s)
        except ReplaykitError as error:
            ran.broke.append(Broke(case=case, message=str(error)))
            if isinstance(error, ChildLostError) and error.reason is Reason.TIMED_OUT:
                stalls[case.worker] += 1
            continue
        if isinstance(answer, Unreadable):
            ran.broke.append(Broke(case=case, message=answer.message))
        else:
            ran.replays.setdefault(case, []).append(answer.data)
            is_stalled = answer.data["reason"] == Reason.TIMED_OUT.value
            stalls[case.worker] = stalls[case.worker] + 1 if is_stalled else 0
            unchanged |= answer.unchanged
    ran.broke += [Broke(case=None, message=str(changed_internals(axis))) for axis in sorted(unchanged)]
