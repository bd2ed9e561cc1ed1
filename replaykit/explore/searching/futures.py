"""Continues recorded runs under the code of this process: does each come to its end?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from replaykit.check import Check, Named, Workers
from replaykit.config import Config
from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.resume import Recorded, sound_prefixes
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.growers import FromHistories
from replaykit.explore.searching.judging import NAME, NO_TRANSITION, key_of, of_core
from replaykit.explore.searching.search import Budget, Search
from replaykit.explore.searching.summary import Story, Summary, story_of, summary_of
from replaykit.explore.workflows import ExploredWorkflow, values_of
from replaykit.history import History, validate
from replaykit.replay.lane import LaneBroken, Stalled
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome, Reason, Verdict

__all__ = ["Future", "explore_future"]

_SDK_STOPS = "the SDK itself, and not the code, cannot go on:"
_PREFIXES = 6
"""At most so many places of one closed History are continued from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Future:
    """What became of one recorded run, in every future that was tried."""

    name: str
    """The fixture's path."""
    verdict: Verdict | None
    """Of the replay of what was recorded, where it is not consistent; then no future was tried."""
    summary: Summary | None = None
    """None where no future was tried."""
    starts: int = 0
    """Places that were continued from."""
    is_unreplayed: bool = False
    """Whether there are places to go on from, and the code could not be brought to any of them."""

    @property
    def is_unjudged(self) -> bool:
        """Whether nothing is known of it: its recorded part gave no verdict, and no error of the code."""
        verdict = self.verdict
        return self.is_unreplayed or (
            verdict is not None
            and verdict.outcome is Outcome.UNJUDGED
            and verdict.reason is not Reason.WORKFLOW_TASK_FAILED
        )

    @property
    def wedged(self) -> Mapping[str, Story]:
        """By message, the shortest story found in which the run comes to a stop."""
        return {} if self.summary is None else self.summary.findings


def explore_future(
    config: Config,
    workflow: ExploredWorkflow,
    history: History,
    budget: Budget,
    *,
    name: str,
    seed: int,
    on_scenario: Callable[[], None] = lambda: None,
) -> Future:
    """Continue a recorded run under today's code, in many ways.

    An open History is continued where it ends, a closed one from places inside it.

    Raises:
        ValuesError: There is no strategy for a type hint.
        InvalidHistoryError: The History is damaged.
    """
    validate(history)
    workers = Workers.loaded((workflow.worker,), root=config.root)
    warm = Warm(workflow.worker, root=config.root, timeout_s=config.timeout_s)
    # Attributes that differ from the recorded ones keep no run from going on.
    with closing(warm) as engine, Check(replace(config, strict=False), workers=workers) as judge:
        verdict = judge.judge(Named(history=history, name=name))
        if key_of(verdict) is not None:
            return Future(name=name, verdict=verdict)
        parts = _starts(history)
        starts = [start for part in parts if (start := _recorded(engine, part)) is not None]
        if not starts:
            return Future(name=name, verdict=None, is_unreplayed=bool(parts))
        engine.lines.is_wanted = True
        values = values_of(config, workflow.workflow_class, engine.encoder)
        grower = FromHistories(engine.cold, workflow.workflow_class, values, starts)

        def stopped(grown: Grown) -> str | None:
            return _stopped(grown, engine.cold.session, config.root)

        search = Search(grower, stopped, seed=seed, on_grown=on_scenario)
        exploration = search.run(budget, workflow_type=workflow.workflow_type)
    summary = summary_of(exploration, config.root, values.learned)
    return Future(name=name, verdict=None, summary=summary, starts=len(starts))


def _stopped(grown: Grown, session: ReplaySession, root: Path) -> str | None:
    """Why a run cannot go on; None where it can."""
    if NO_TRANSITION in grown.problem:
        return f"{_SDK_STOPS} {NO_TRANSITION}"
    if grown.is_stuck:
        return story_of(grown, root).note
    # What Core makes of the commands of a task, a replay of the completed task shows.
    verdict = session.judge(grown.history, name=NAME)
    problem = of_core(verdict)
    if problem is not None:
        return f"{_SDK_STOPS} {problem}"
    return f"the code does not replay what it did: {verdict.message}" if key_of(verdict) is not None else None


def _starts(history: History) -> Sequence[History]:
    if history.status == "RUNNING":
        return [history]
    prefixes = list(sound_prefixes(history))
    step = max(1, len(prefixes) // _PREFIXES)
    return prefixes[::step][:_PREFIXES]


def _recorded(engine: Warm, history: History) -> Recorded | None:
    try:
        replayed = engine.cold.session.record(history)
    except (Stalled, LaneBroken):
        return None
    if replayed.failure is not None:
        return None
    return Recorded.of(replayed)
