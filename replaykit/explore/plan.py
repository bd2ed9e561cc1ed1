"""What a test explores: classes, and the histories that Hypothesis draws of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from replaykit.code.classes import file_of, import_root_of
from replaykit.config import StrictPolicy, load_config
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.values.choosers import Chooser, Drawn, Sampled, Simplest
from replaykit.explore.values.constants import with_constants
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.signatures import result_types
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker, converter_of

__all__ = ["Plan", "drawn", "engine_of", "session_of", "values_for"]

_TIMEOUT_S = 20.0
_LESSONS = 16
"""Histories that are grown to learn which patches code asks about."""


class Plan(FromStart):
    """One workflow that histories are grown of."""

    def __init__(self, workflow: type, engine: Warm, values: Values) -> None:
        super().__init__(engine, workflow, values, workflow.__name__)
        self.workflow = workflow
        self._cold = engine.cold
        self._patches: Sequence[str] | None = None

    @property
    def patches(self) -> Sequence[str]:
        """Always the same ones: for Hypothesis the same choices have to make the same History."""
        if self._patches is None:
            for chooser in self._lessons():
                self._patches = self.engine.heard.patches.seen
                self.fresh(chooser)
            self._patches = self.engine.heard.patches.seen
        return self._patches

    def _lessons(self) -> Iterable[Chooser]:
        """What choose the histories that show which patches there are; none of code that asks about none."""
        if not self.openings.can_predate:
            return ()
        return Simplest(), *(Sampled(random.Random(seed)) for seed in range(_LESSONS))

    def drawn(self, draw: DrawFn) -> Grown:
        chooser = Drawn(draw)
        # One in ten is grown by replays alone: so every prefix of it is replayed cold.
        return self._fresh(self._cold if chooser.integer(0, 9) == 9 else self.engine, chooser)


@st.composite
def drawn(draw: DrawFn, plan: Plan) -> Grown:
    """Grown histories of a plan, as a strategy."""
    return plan.drawn(draw)


def values_for(values: Values | None, workflow: type, activities: Sequence[Callable[..., Any]]) -> Values:
    """The user's own values, the activities' return types, and the constants of the workflow's module."""
    values = values or Values()
    promised = {
        name: strategy
        for name, hint in result_types(activities).items()
        if (strategy := values.of(hint, where=f"result of activity {name!r}").strategy()) is not None
    }
    return with_constants(replace(values, activities={**promised, **values.activities}), workflow)


def engine_of(workflow: type, worker: Mapping[str, Any]) -> Warm:
    """What grows histories of a class.

    Args:
        workflow: The class.
        worker: What its worker is given, as `worker_of` names it.
    """
    return Warm(_worker_of(workflow, worker), root=import_root_of(workflow), timeout_s=_TIMEOUT_S)


def session_of(
    workflow: type, worker: Mapping[str, Any], *, strict: StrictPolicy | None = None
) -> ReplaySession:
    """What judges histories against a class.

    Args:
        workflow: The class.
        worker: As of `engine_of`.
        strict: Compare attributes too, by this policy; None for not.
    """
    return ReplaySession(
        _worker_of(workflow, worker), root=import_root_of(workflow), timeout_s=_TIMEOUT_S, strict=strict
    )


def _worker_of(workflow: type, options: Mapping[str, Any]) -> Worker:
    """A worker of one class, with the project's data converter where no other is given."""
    if options.get("data_converter") is not None:
        return worker_of([workflow], **options)
    file = file_of(workflow)
    config = load_config(Path(file).parent if file is not None else None)
    return worker_of([workflow], **{**options, "data_converter": converter_of(config, workflow)})
