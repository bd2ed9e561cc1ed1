"""Looks for a scenario that shows something, led by what earlier ones have reached, until the time is up."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.lines import Point
from replaykit.explore.scenario import Scenario
from replaykit.explore.searching.choices import Choices
from replaykit.explore.searching.command_pairs import command_pairs
from replaykit.explore.searching.growers import Grower
from replaykit.explore.searching.shrink import is_smaller, shrunk

__all__ = ["Budget", "Exploration", "Discovery", "Search"]

_SHRINKING_S = 30.0
"""For one story: code that blocks takes seconds each time that it is tried."""

Shows = Callable[[Grown], "str | None"]
"""What a grown history shows, as a key: one for each finding; None for nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """When to stop."""

    seconds: float = 60.0
    scenarios: int | None = None
    """At most so many; None for as many as the time allows."""
    findings: int = 1
    """Enough of them end the search."""
    stale: int | None = None
    """After so many scenarios in a row that reach nothing new, a quarter as many once there is a finding;
    None for never."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    """A story that shows something, as small as it got."""

    key: str
    grown: Grown
    first: Scenario
    """As it was found."""


@dataclass(kw_only=True, slots=True)
class Exploration:
    """What a search came to."""

    workflow_type: str
    scenarios: int = 0
    started: int = 0
    """Scenarios in which the code completed its first workflow task."""
    steps: int = 0
    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    """How the grown runs ended, and how many each way."""
    command_pairs: set[str] = field(default_factory=set)
    lines: set[tuple[str, int]] = field(default_factory=set)
    """File and number of each line of the user's code that ran."""
    points: set[Point] = field(default_factory=set)
    raised: dict[str, Grown] = field(default_factory=dict)
    """By message, the first story in which the code itself raised."""
    refused: dict[str, Grown] = field(default_factory=dict)
    """By message, the first story that ended in a command which a service refuses."""
    unhindered: int = 0
    """Scenarios that did not end so, and not in a cancel before the code asked for anything."""
    problems: dict[str, Grown] = field(default_factory=dict)
    """By message, the first story that Core would not go on with."""
    findings: list[Discovery] = field(default_factory=list)


class Search:
    """Grows histories of one workflow and has them judged.

    Args:
        grower: Makes them.
        judge: Finds what a history shows.
        seed: The same seed goes the same way, as far as the time allows.
        on_grown: Called for each history that is grown, those that are only made smaller included.
    """

    def __init__(
        self, grower: Grower, judge: Shows, *, seed: int = 0, on_grown: Callable[[], None] = lambda: None
    ) -> None:
        self._grower = grower
        self._judge = judge
        self._on_grown = on_grown
        self._rng = random.Random(seed)
        self._corpus: list[Sequence[int]] = []

    def run(self, budget: Budget, *, workflow_type: str) -> Exploration:
        """Search until the budget is used up or enough was found."""
        began = time.monotonic()
        exploration = Exploration(workflow_type=workflow_type)
        fruitless = 0
        while True:
            exploration.seconds = time.monotonic() - began
            if exploration.scenarios and self._is_over(budget, exploration, fruitless):
                break
            grown, choices = self._grown(exploration, until=began + budget.seconds)
            is_new = self._note(exploration, grown)
            fruitless = 0 if is_new else fruitless + 1
            if is_new:
                self._corpus.append(choices)
            key = self._judge(grown)
            if key is not None and key not in {finding.key for finding in exploration.findings}:
                until = time.monotonic() + _SHRINKING_S
                small = self._shrunk(self._zeroed(grown, choices, key, until), key, until)
                exploration.findings.append(Discovery(key=key, grown=small, first=grown.scenario))
        for finding in exploration.findings:
            self._judge(finding.grown)  # so that its last word of each key is about the story that is shown
        return exploration

    def _is_over(self, budget: Budget, exploration: Exploration, fruitless: int) -> bool:
        patience = 4 if not exploration.findings else 1
        return (
            exploration.seconds >= budget.seconds
            or len(exploration.findings) >= budget.findings
            or (budget.scenarios is not None and exploration.scenarios >= budget.scenarios)
            or (budget.stale is not None and 4 * fruitless >= patience * budget.stale)
        )

    def _grown(self, exploration: Exploration, *, until: float) -> tuple[Grown, Sequence[int]]:
        given = _ALL_SIMPLE if not exploration.scenarios else self._varied()
        choices = Choices(given, self._rng)
        grown = self._grower.fresh(choices, is_over=lambda: time.monotonic() >= until)
        self._on_grown()
        return grown, choices.made

    def _varied(self) -> Sequence[int]:
        """The choices of a history that reached something, up to a point, or with a few of them changed."""
        if not self._corpus or self._rng.random() < 0.3:
            return ()
        given = list(self._rng.choice(self._corpus))
        if not given:  # a run that goes on in one way only
            return given
        if self._rng.random() < 0.5:
            return given[: self._rng.randrange(len(given) + 1)]
        for _ in range(self._rng.randint(1, 3)):
            place = self._rng.randrange(len(given))
            given[place] = self._rng.choice(
                (0, 1, given[place] + 1, given[place] - 1, self._rng.randint(0, 20))
            )
        return given

    def _note(self, exploration: Exploration, grown: Grown) -> bool:
        exploration.scenarios += 1
        exploration.started += grown.is_started
        exploration.unhindered += grown.is_unhindered
        exploration.steps += len(grown.scenario.steps)
        status = grown.history.status or "RUNNING"
        exploration.statuses[status] = exploration.statuses.get(status, 0) + 1
        if grown.failure is not None:
            exploration.raised.setdefault(f"{grown.failure.error_type}: {grown.failure.message}", grown)
        if grown.refused is not None:
            exploration.refused.setdefault(str(grown.refused), grown)
        if grown.problem:
            exploration.problems.setdefault(grown.problem, grown)
        before = len(exploration.command_pairs), len(exploration.points)
        exploration.command_pairs.update(command_pairs(grown))
        exploration.lines |= grown.reached.lines
        exploration.points |= grown.reached.points
        return before != (len(exploration.command_pairs), len(exploration.points))

    def _zeroed(self, grown: Grown, choices: Sequence[int], key: str, until: float) -> Grown:
        """The same finding with as many choices as possible at their simplest: values get small by it."""
        best, place = grown, 0
        while place < len(choices) and time.monotonic() < until:
            if choices[place] != 0:
                changed = Choices([*choices[:place], 0, *choices[place + 1 :]], random.Random(0))
                again = self._grower.fresh(changed)
                self._on_grown()
                if is_smaller(again.scenario, best.scenario) and self._judge(again) == key:
                    best, choices = again, changed.made
            place += 1
        return best

    def _shrunk(self, grown: Grown, key: str, until: float) -> Grown:
        def attempt(scenario: Scenario) -> Grown | None:
            again = self._grower.again(scenario)
            self._on_grown()
            return again if self._judge(again) == key else None

        def attempt_in_time(scenario: Scenario) -> Grown | None:
            return attempt(scenario) if time.monotonic() < until else None

        small = shrunk(grown, attempt_in_time, self._grower.simpler)
        return attempt(_named(small.scenario, key)) or small


def _named(scenario: Scenario, key: str) -> Scenario:
    """The scenario of a run with an id of its own: as a fixture, a finding needs a name."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    opening = scenario.opening
    if opening.recorded_events:
        return scenario
    return replace(scenario, opening=replace(opening, workflow_id=f"{opening.workflow_id}-{digest}"))


_ALL_SIMPLE = (0,) * 400
"""The first scenario: everything goes well, with the simplest values."""
