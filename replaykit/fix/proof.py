"""What shows that guarded code may be trusted: runs that the base could have, and new ones."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.fix.trial import Trial

if TYPE_CHECKING:
    from replaykit.explore.workflows import Key
    from replaykit.history import History
    from replaykit.verdict import Verdict

__all__ = ["Grown", "compared_runs", "grown_by_base", "untried_without_explore"]

_STORIES = 24
_SCENARIOS = 40
_SECONDS = 4.0
"""For the runs of one workflow that are grown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grown:
    """What grown runs came to."""

    count: int = 0
    """Runs that were compared."""
    failures: tuple[str, ...] = ()
    """What speaks against the code, a line each."""
    untried: Mapping[str, str] = field(default_factory=dict)
    """By workflow type, why no run of it was compared."""


def untried_without_explore(types: Sequence[str]) -> Grown | None:
    """Why no run can be grown here; None where they can.

    Args:
        types: Workflow types.
    """
    if importlib.util.find_spec("hypothesis") is not None:
        return None
    why = "growing runs needs Hypothesis: pip install 'temporal-replaykit[explore]'"
    return Grown(untried=dict.fromkeys(types, why))


def grown_by_base(
    config: Config, keys: Sequence[Key], trial: Trial, texts: Mapping[str, str], root: Path
) -> Grown:
    """Replay runs that the base's code could have had by other code.

    Args:
        config: The change's.
        keys: The workflows.
        trial: Judges by the other code.
        texts: By absolute path, what stands for a file of the change.
        root: The project in the base's tree.
    """
    from replaykit.explore.searching.base_growing import Request
    from replaykit.explore.searching.base_judging import explore_base
    from replaykit.explore.searching.summary import Explored

    found: list[Explored] = []
    untried: dict[str, str] = {}

    def lost(key: Key, message: str) -> None:
        untried[key.workflow_type] = message

    class Guarded:
        def judge(self, workflow: Key, history: History) -> Verdict:
            return trial.grown(texts, workflow, history)

    try:
        explore_base(
            Request(
                root=root,
                head=config,
                workflows=tuple(keys),
                seconds=_SECONDS,
                scenarios=_SCENARIOS,
                seed=0,
            ),
            Guarded(),
            on_explored=found.append,
            on_lost=lost,
            on_note=lambda note: None,
            on_scenarios=lambda name, count: None,
        )
    except ReplaykitError as error:
        return Grown(untried=dict.fromkeys((key.workflow_type for key in keys), str(error)))
    failures = tuple(
        f"a run that the base can have does not replay with it: {_first_line(verdict)}"
        for each in found
        for verdict in each.verdicts.values()
    )
    return Grown(count=sum(each.summary.started for each in found), failures=failures, untried=untried)


def compared_runs(keys: Sequence[Key], trial: Trial, texts: Mapping[str, str]) -> Grown:
    """Have the change and other code run the same stories of new runs: both must ask for the same.

    Args:
        keys: The workflows.
        trial: Runs both.
        texts: By absolute path, what stands for a file of the change.
    """
    from replaykit.explore.searching.repeating import ToRepeat

    count, failures, untried = 0, [], {}
    for key in keys:
        kind = key.workflow_type
        try:
            asked = ToRepeat(workflow=key, count=_STORIES, seconds=_SECONDS)
            first = trial.repeated({}, asked)
            if not first.runs:
                untried[kind] = first.problem or "no run of it came past its first task"
                continue
            stories = [run.story for run in first.runs]
            second = trial.repeated(texts, ToRepeat(workflow=key, stories=stories, seconds=_SECONDS))
        except ReplaykitError as error:
            untried[kind] = str(error)
            continue
        count += len(second.runs)
        pairs = zip(first.runs, second.runs, strict=False)
        differing = sum(one.asked != other.asked for one, other in pairs)
        if second.problem or differing:
            failures.append(
                f"new runs of {kind} would not do what the change does: "
                + (second.problem or f"{differing} of {len(first.runs)} differ")
            )
    return Grown(count=count, failures=tuple(failures), untried=untried)


def _first_line(verdict: Verdict) -> str:
    divergence = verdict.divergence
    text = divergence.message if divergence is not None else verdict.message or ""
    return text.splitlines()[0] if text else "no reason is known"
