"""Which condition a drifting value depends on: two replays of the same code differ in it, too.

A changed timeout drifts in every replay alike. What comes from the clock, from `uuid` or from the order of a
set is another value in each run: no new recording would end that drift.
"""

from __future__ import annotations

import dataclasses
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

from replaykit.config import Config
from replaykit.perturb.axes import (
    ADDRESSES,
    AXES,
    CONTROL,
    WARM,
    Conditions,
    axes_of_round,
    axis_named,
    this_morning,
)
from replaykit.perturb.cases import Case
from replaykit.perturb.run_differences import differing_fields, has_no_answer
from replaykit.perturb.runs import Ran, run
from replaykit.processes import Children
from replaykit.verdict import Drift, Outcome, Report, Verdict

__all__ = ["with_axes"]

_ROUND = 1
"""In which each condition is changed alone."""
_IS_REPLAYING = "is_replaying"
_MOST_HISTORIES = 20
_MOST_JOBS = 4
_LIKELY = (CONTROL, ADDRESSES, "random seed", "wall clock", "hash seed", "environment")
_ORDER = (*_LIKELY, *(axis for axis in AXES if axis not in (*_LIKELY, WARM)))
"""What is tried first. Objects come to lie elsewhere whatever is changed: where that, or nothing at all,
makes the difference, no other condition is the cause."""
_Field = tuple[int | None, str]
"""Id of an event, and strict mode's name of a field."""


def with_axes(config: Config, cases: Iterable[Case], report: Report) -> Report:
    """The same Report, with the condition that each drifting value depends on.

    Two runs show whether any does; only then is one condition after the other changed alone. Of more than
    twenty Histories that drifted the first twenty are tried.

    Args:
        config: What the Histories were judged with.
        cases: The Histories.
        report: Its Verdicts are looked at where they drifted.
    """
    drifted = {v.history: v for v in report.verdicts if v.outcome is Outcome.DRIFTED}
    asked = tuple(case for case in cases if case.name in drifted)[:_MOST_HISTORIES]
    if not asked or find_spec("time_machine") is None:  # without the extra no clock can be shifted
        return report
    axes = _axes(config, asked, drifted)
    named = (_named(verdict, axes.get(verdict.history, ())) for verdict in report.verdicts)
    return dataclasses.replace(report, verdicts=tuple(named))


def _named(verdict: Verdict, axes: Iterable[tuple[Drift, str]]) -> Verdict:
    return dataclasses.replace(verdict, drifts=tuple(_with_axis(each, axes) for each in verdict.drifts))


def _with_axis(drift: Drift, axes: Iterable[tuple[Drift, str]]) -> Drift:
    axis = next((axis for known, axis in axes if known is drift), None)
    if axis is None:
        return drift
    return dataclasses.replace(drift, axis=axis, suggestion=drift.suggestion or axis_named(axis).cure)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class _Runs:
    """Replays the Histories under conditions, several processes at once."""

    config: Config
    pool: ThreadPoolExecutor
    jobs: int
    """How many processes there are at once."""
    children: Children
    started_at: float

    def of(self, changes: Sequence[tuple[Collection[str], int]], cases: Sequence[Case]) -> Iterator[Ran]:
        """One run for each set of axes and round."""
        conditions = (
            Conditions(axes=frozenset(axes), round=number, started_at=self.started_at)
            for axes, number in changes
        )
        return self.pool.map(lambda each: run(self.config, each, cases, children=self.children), conditions)


def _axes(
    config: Config, cases: Sequence[Case], drifted: Mapping[str, Verdict]
) -> Mapping[str, list[tuple[Drift, str]]]:
    """By History, its drifts of values that differ from run to run, each with the condition."""
    jobs = min(_MOST_JOBS, os.cpu_count() or 1)
    pool = ThreadPoolExecutor(jobs)
    with Children() as children:
        runs = _Runs(config=config, pool=pool, jobs=jobs, children=children, started_at=this_morning())
        try:
            return _found(runs, cases, drifted)
        finally:
            children.end()  # no thread of the pool has anything to wait for after that
            pool.shutdown(cancel_futures=True)


def _found(
    runs: _Runs, cases: Sequence[Case], drifted: Mapping[str, Verdict]
) -> Mapping[str, list[tuple[Drift, str]]]:
    changed = axes_of_round(_ROUND) - {WARM}
    # Each condition is another one in the second run, so that the two differ where a value depends on any.
    first, second = runs.of([(axes_of_round(0) - {WARM}, 0), (changed - {_IS_REPLAYING}, _ROUND)], cases)
    varying = {case: _those_in(drifted[case.name].drifts, first, second, case) for case in cases}
    unnamed = {case: drifts for case, drifts in varying.items() if drifts}
    found: dict[str, list[tuple[Drift, str]]] = defaultdict(list)
    usual: Ran | None = None
    axes = [axis for axis in _ORDER if axis == CONTROL or axis in changed]
    while unnamed and axes:
        tried, axes = axes[: runs.jobs], axes[runs.jobs :]
        alone: list[tuple[Collection[str], int]] = [
            ((axis,) if axis != CONTROL else (), _ROUND) for axis in tried
        ]
        if usual is None:
            usual, *ran = runs.of([((), 0), *alone], list(unnamed))
        else:
            ran = list(runs.of(alone, list(unnamed)))
        for axis, each in zip(tried, ran, strict=True):
            for case, drifts in unnamed.items():
                named = _those_in(drifts, usual, each, case)
                found[case.name] += [(drift, axis) for drift in named]
                unnamed[case] = [drift for drift in drifts if drift not in named]
        unnamed = {case: drifts for case, drifts in unnamed.items() if drifts}
    return found


def _those_in(drifts: Sequence[Drift], usual: Ran, changed: Ran, case: Case) -> list[Drift]:
    """The drifts in fields in which two runs differ."""
    one, other = usual.replays.get(case), changed.replays.get(case)
    if not one or not other or has_no_answer(one[0]) or has_no_answer(other[0]):
        return []
    fields = differing_fields(one[0], other[0])
    return [drift for drift in drifts if any(_is_in(drift, field) for field in fields)]


def _is_in(drift: Drift, field: _Field) -> bool:
    event_id, name = field
    return drift.event_id == event_id and (_covers(name, drift.field) or _covers(drift.field, name))


def _covers(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
