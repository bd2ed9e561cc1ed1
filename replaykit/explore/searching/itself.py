"""Explores the code of this process: against itself, and against what was recorded so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from replaykit.config import Config
from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.resume import Recorded, sound_prefixes
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Scenario
from replaykit.explore.searching.growers import FromHistory, FromStart
from replaykit.explore.searching.judging import Judge, key_of
from replaykit.explore.searching.missed import missed_lines
from replaykit.explore.searching.search import Budget, Search
from replaykit.explore.searching.summary import Explored, Story, Summary, story_of, summary_of
from replaykit.explore.values.choosers import Chooser, pick
from replaykit.explore.workflows import ExploredWorkflow, values_of
from replaykit.history import History, validate
from replaykit.replay.lane import LaneBroken, Stalled
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome, Reason, Verdict

__all__ = ["Future", "explore_future", "explore_itself"]

_PREFIXES = 6
"""At most so many places of one closed History are gone on from."""


def explore_itself(config: Config, subject: ExploredWorkflow, budget: Budget, *, seed: int) -> Explored:
    """Grow histories of a workflow and replay each cold, strictly: does the code agree with itself?

    Raises:
        ValuesError: There is no strategy for a type hint.
    """
    session = ReplaySession(
        subject.worker, root=config.root, timeout_s=config.timeout_s, strict=config.strict_policy
    )
    with _warm(config, subject) as engine, session:
        engine.lines.is_wanted = True
        judge = Judge(session)
        grower = FromStart(engine, subject.workflow, values_of(config, subject.workflow))
        exploration = Search(grower, judge, seed=seed).run(budget, workflow_type=subject.workflow_type)
        exploration.problems |= judge.problems
    return Explored(
        summary=summary_of(exploration, config.root),
        verdicts={finding.key: judge.verdicts[finding.key] for finding in exploration.findings},
        missed=missed_lines(subject.workflow, exploration.lines),
    )


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
    """Places that were gone on from."""

    @property
    def is_unjudged(self) -> bool:
        """Whether nothing can be said of it: its recorded part gave no verdict, and no error of the code."""
        verdict = self.verdict
        return (
            verdict is not None
            and verdict.outcome is Outcome.UNJUDGED
            and verdict.reason is not Reason.WORKFLOW_TASK_FAILED
        )

    @property
    def wedged(self) -> Mapping[str, Story]:
        """By message, the shortest story found in which the run comes to a stop."""
        return {} if self.summary is None else self.summary.findings


def explore_future(
    config: Config, subject: ExploredWorkflow, history: History, budget: Budget, *, name: str, seed: int
) -> Future:
    """Go on with a recorded run under today's code, in many ways.

    An open History is gone on with where it ends, a closed one from places inside it.

    Raises:
        ValuesError: There is no strategy for a type hint.
        InvalidHistoryError: The History is damaged.
    """
    validate(history)
    with _warm(config, subject) as engine, _session(config, subject) as session:
        verdict = session.judge(history, name=name)
        if key_of(verdict) is not None:
            return Future(name=name, verdict=verdict)
        starts = [start for part in _starts(history) if (start := _recorded(engine, part)) is not None]
        if not starts:
            return Future(name=name, verdict=None)
        engine.lines.is_wanted = True
        grower = _Futures(engine, subject, config, starts)
        search = Search(grower, lambda grown: _stopped(grown, config.root), seed=seed)
        exploration = search.run(budget, workflow_type=subject.workflow_type)
    summary = summary_of(exploration, config.root)
    return Future(name=name, verdict=None, summary=summary, starts=len(starts))


def _stopped(grown: Grown, root: Path) -> str | None:
    """Why a run cannot go on; None where it can."""
    if grown.failure is not None or grown.problem:
        return story_of(grown, root).note
    return None


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
    return Recorded.of(history, replayed.recording.commands)


class _Futures(FromHistory):
    """Futures of several starts."""

    def __init__(
        self, engine: Warm, subject: ExploredWorkflow, config: Config, starts: Sequence[Recorded]
    ) -> None:
        values = values_of(config, subject.workflow)
        super().__init__(engine.cold, subject.workflow, values, starts[0])
        self._starts = {len(start.history.events): start for start in starts}

    def fresh(self, chooser: Chooser) -> Grown:
        self._recorded = pick(chooser, list(self._starts.values()))
        return super().fresh(chooser)

    def again(self, scenario: Scenario) -> Grown:
        self._recorded = self._starts[scenario.opening.recorded_events]
        return super().again(scenario)


@contextmanager
def _warm(config: Config, subject: ExploredWorkflow) -> Iterator[Warm]:
    engine = Warm(subject.worker, root=config.root, timeout_s=config.timeout_s)
    try:
        yield engine
    finally:
        engine.close()


def _session(config: Config, subject: ExploredWorkflow) -> ReplaySession:
    return ReplaySession(subject.worker, root=config.root, timeout_s=config.timeout_s)
