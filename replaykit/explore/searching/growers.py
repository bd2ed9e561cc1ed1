"""Where growth starts: at the opening of a run, or at a History that is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from replaykit.explore.growing.directors import Chance, by_operators
from replaykit.explore.growing.engine import Engine
from replaykit.explore.growing.grow import Grown, Scripted, grow, grow_on
from replaykit.explore.growing.openings import Openings, mentioned_by
from replaykit.explore.growing.resume import Recorded
from replaykit.explore.scenario import Scenario
from replaykit.explore.searching.shrink import Simplify
from replaykit.explore.values.choosers import Chooser, pick
from replaykit.explore.values.overrides import Values

__all__ = ["FromHistories", "FromStart", "Grower"]


class Grower(Protocol):
    """Grows histories of one kind."""

    def fresh(self, chooser: Chooser, *, is_over: Callable[[], bool] = lambda: False) -> Grown:
        """A new one, its choices answered by a chooser; left open where the time is up."""

    def again(self, scenario: Scenario) -> Grown:
        """The one of a scenario, as far as its steps can happen."""

    def simpler(self, scenario: Scenario) -> Iterator[Scenario]:
        """Scenarios that are simpler in one place."""


class FromStart:
    """Whole runs of a workflow.

    Args:
        engine: The code.
        workflow: The class.
        values: The user's own values.
        workflow_type: Its name where the class is a dynamic workflow.
    """

    def __init__(self, engine: Engine, workflow: type, values: Values, workflow_type: str = "") -> None:
        self.engine = engine
        self._workflow = workflow
        self._values = values
        mentions = mentioned_by(workflow)
        self._operators = by_operators(mentions)
        self.openings = Openings(
            workflow=workflow, values=values, workflow_type=workflow_type, mentions=mentions
        )
        heard = engine.heard
        self.simpler = Simplify(workflow, values, heard.results, heard.handlers.known)

    @property
    def patches(self) -> Sequence[str]:
        """Ids of patches that a run can be from before."""
        return self.engine.heard.patches.seen

    def fresh(self, chooser: Chooser, *, is_over: Callable[[], bool] = lambda: False) -> Grown:
        return self._fresh(self.engine, chooser, is_over)

    def _fresh(self, engine: Engine, chooser: Chooser, is_over: Callable[[], bool] = lambda: False) -> Grown:
        opening = self.openings.chosen(chooser, self.patches)
        while True:
            chance = Chance(self._workflow, self._values, chooser, operators=self._operators)
            grown = grow(engine, opening, chance, is_over=is_over)
            following = grown.next
            if following is None or following.workflow_type != opening.workflow_type or is_over():
                return grown
            if chooser.integer(0, 1) == 0:
                return grown
            opening = following  # the run that it continued as

    def again(self, scenario: Scenario) -> Grown:
        return grow(self.engine, scenario.opening, Scripted(scenario.steps))


class FromHistories:
    """Futures of runs that were recorded so far.

    Args:
        engine: The code that goes on with them.
        workflow: The class.
        values: The user's own values.
        recorded: The runs, or places inside one; no two with the same number of events.
    """

    def __init__(self, engine: Engine, workflow: type, values: Values, recorded: Iterable[Recorded]) -> None:
        self.engine = engine
        self._workflow = workflow
        self._values = values
        self._recorded = {len(each.history.events): each for each in recorded}
        self._operators = by_operators(mentioned_by(workflow))
        heard = engine.heard
        self._simplify = Simplify(workflow, values, heard.results, heard.handlers.known)

    def fresh(self, chooser: Chooser, *, is_over: Callable[[], bool] = lambda: False) -> Grown:
        ledger = pick(chooser, list(self._recorded.values())).ledger(self.engine.encoder)
        chance = Chance(self._workflow, self._values, chooser, operators=self._operators)
        return grow_on(self.engine, ledger, chance, is_over=is_over)

    def again(self, scenario: Scenario) -> Grown:
        ledger = self._recorded[scenario.opening.recorded_events].ledger(self.engine.encoder)
        return grow_on(self.engine, ledger, Scripted(scenario.steps))

    def simpler(self, scenario: Scenario) -> Iterator[Scenario]:
        return (s for s in self._simplify(scenario) if s.opening == scenario.opening)
