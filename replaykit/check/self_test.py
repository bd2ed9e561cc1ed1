"""The negative control of a check: does this gate go red where it must?

For each workflow type that has a consistent fixture, Histories that its code cannot have made are judged by
the same check as the fixtures. One that stays green means that the gate compares nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from replaykit.check.judge import Judge, Named
from replaykit.check.mutation import Mutation, MutationKind, one_of_each_kind
from replaykit.errors import HistoryError
from replaykit.history import History, read_history, validate
from replaykit.limits import Limits
from replaykit.paths import display
from replaykit.trust import MutatedHistory, SelfTest
from replaykit.verdict import Outcome, Verdict

__all__ = ["self_test"]

_SOUND = (Outcome.CONSISTENT, Outcome.DRIFTED)


def self_test(judge: Judge, paths: Iterable[Path], *, known: Iterable[Verdict] = ()) -> SelfTest:
    """Judge mutated Histories of every workflow type.

    Each kind of mutation is made once for each type, from the smallest fixture that it applies to.

    Args:
        judge: The one that the check judges with.
        paths: Its fixtures.
        known: Verdicts that it has given already; a fixture without one is judged where needed.
    """
    by_name = {verdict.history: verdict for verdict in known}
    mutated: list[MutatedHistory] = []
    done: dict[tuple[str | None, str], set[MutationKind]] = {}
    seen: set[str] = set()
    files = (path for path in paths if path.is_file())  # standard input was read already
    for path in sorted(files, key=lambda path: (path.stat().st_size, path)):
        history = _readable(path, judge.config.limits)
        if history is None:
            continue
        workflow_type = history.workflow_type or ""
        seen.add(workflow_type)
        given = by_name.get(display(path))
        key = ((given or judge.known(path)).worker, workflow_type)
        wanted = list(one_of_each_kind(history, but=done.get(key, ())))
        verdict = (given or judge.judge(history)) if wanted else None
        if verdict is not None and verdict.outcome in _SOUND:
            done.setdefault(key, set()).update(mutation.kind for mutation in wanted)
            mutated += _judged(judge, verdict, path, wanted)
    tested = {workflow_type for _, workflow_type in done}
    mutated.sort(key=lambda each: (each.workflow_type, each.worker or ""))
    return SelfTest(mutated=tuple(mutated), untested=tuple(sorted(filter(None, seen - tested))))


def _readable(path: Path, limits: Limits) -> History | None:
    """The History of a fixture; None for one that cannot be judged, which has its Verdict elsewhere."""
    try:
        history = read_history(path, limits=limits)
        validate(history)
    except HistoryError:
        return None
    return history


def _judged(
    judge: Judge, base: Verdict, path: Path, mutations: Sequence[Mutation]
) -> Iterator[MutatedHistory]:
    # In the place of the fixture: its folder can be what names its worker.
    verdicts = judge.judge_all(
        Named(history=replace(each.history, path=path), name=base.history) for each in mutations
    )
    for mutation, verdict in zip(mutations, verdicts, strict=True):
        yield MutatedHistory(
            history=base.history,
            workflow_type=base.workflow_type or "",
            worker=base.worker,
            mutation=mutation.kind.value,
            what=mutation.what,
            event_id=mutation.event_id,
            certain=mutation.certain,
            red=verdict.outcome is Outcome.DIVERGED,
            answer=f"{verdict.outcome} ({verdict.reason})" if verdict.reason else verdict.outcome.value,
        )
