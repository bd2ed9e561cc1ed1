"""The use case: every History in one unchanged run, and in several with everything changed; then which change
it was.

A whole run costs a process, so the axes are changed all at once first. Only a History that comes out
differently is replayed under each axis alone, and in one more unchanged run.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec

from replaykit.config import Config
from replaykit.errors import ConfigError
from replaykit.perturb.axes import (
    ADDRESSES,
    AXES,
    CONTROL,
    NONE,
    TOGETHER,
    WARM,
    Conditions,
    axes_of_round,
    axis_named,
    this_morning,
)
from replaykit.perturb.cases import Case
from replaykit.perturb.run_differences import RunDifference, first_difference, has_no_answer
from replaykit.perturb.runs import Ran, run
from replaykit.processes import Children
from replaykit.verdict import BrokenRun, Instability, Perturbation

__all__ = ["DEFAULT_ROUNDS", "perturb", "require_extra"]

DEFAULT_ROUNDS = 8
"""Each with another hash seed: a set of two strings comes out in the recorded order in every second one."""
_MOST_JOBS = 4


def perturb(
    config: Config,
    cases: Sequence[Case],
    *,
    rounds: int = DEFAULT_ROUNDS,
    jobs: int | None = None,
    on_run: Callable[[int, int], None] | None = None,
) -> Perturbation:
    """Replay Histories under changed conditions and report what that changed.

    Args:
        config: What the Histories are judged with.
        cases: The Histories.
        rounds: How many runs are compared with the first one.
        jobs: Processes at once; by default as many as there are cores, four at most.
        on_run: Called after each run with how many are done, and how many there are so far.

    Raises:
        ConfigError: See `require_extra`.
    """
    require_extra()
    began = time.perf_counter()
    if not cases:
        return Perturbation(histories=0, rounds=rounds)
    pool = ThreadPoolExecutor(jobs or min(_MOST_JOBS, os.cpu_count() or 1))
    with Children() as children:
        work = _Work(config, tuple(cases), pool, children, on_run or (lambda done, total: None))
        try:
            instabilities = work.instabilities(rounds)
        finally:
            children.end()  # no thread of the pool has anything to wait for after that
            pool.shutdown(cancel_futures=True)
    return Perturbation(
        histories=len(work.compared),
        rounds=rounds,
        duration_s=time.perf_counter() - began,
        instabilities=instabilities,
        broken=tuple(dict.fromkeys(work.broken)),
    )


def require_extra() -> None:
    """Make sure that the clock can be shifted.

    Raises:
        ConfigError: The extra `explore` is not installed.
    """
    if find_spec("time_machine") is None:
        raise ConfigError(
            "shifting the clock needs time-machine",
            cure='Install the extra: pip install "temporal-replaykit[explore]"',
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """A process to be run."""

    conditions: Conditions
    cases: tuple[Case, ...]
    name: str
    """What is changed in it, for a person."""

    @property
    def order(self) -> tuple[Case, ...]:
        """A warm process has replayed the others before, and each History once already."""
        if WARM not in self.conditions.axes:
            return self.cases
        return tuple(case for case in reversed(self.cases) for _ in range(2))


class _Work:
    """One call of `perturb`, with what went wrong in it."""

    def __init__(
        self,
        config: Config,
        cases: tuple[Case, ...],
        pool: ThreadPoolExecutor,
        children: Children,
        on_run: Callable[[int, int], None],
    ) -> None:
        self.config, self.cases = config, cases
        self.broken: list[BrokenRun] = []
        self.compared: set[Case] = set()
        self._pool = pool
        self._children = children
        self._on_run = on_run
        self._done = self._total = 0
        self._started_at = this_morning()

    def instabilities(self, rounds: int) -> tuple[Instability, ...]:
        """Everything that came out differently, in the order of the Histories."""
        runs = self._run_all(
            [
                self._run((), 0, self.cases, NONE),
                *(self._run(axes_of_round(n), n, self.cases, TOGETHER) for n in range(rounds)),
            ]
        )
        usual = next(runs)  # the others are compared as they come, and not kept
        together = [self._differing(usual, ran, TOGETHER) for ran in runs]
        by_round: dict[int, list[Case]] = defaultdict(list)
        for case in self.cases:
            first = next((n for n, differing in enumerate(together) if case in differing), None)
            if first is not None:
                by_round[first].append(case)
        found = [
            each
            for number, cases in sorted(by_round.items())
            for each in self._isolated(number, tuple(cases), usual, together[number])
        ]
        places = {case.name: place for place, case in enumerate(self.cases)}
        return tuple(sorted(found, key=lambda each: places[each.history]))

    def _isolated(
        self, number: int, cases: tuple[Case, ...], usual: Ran, together: Mapping[Case, RunDifference]
    ) -> list[Instability]:
        """Which axes make the difference for Histories that differed in a round."""
        changed = [axis for axis in AXES if axis in axes_of_round(number)]
        alone = [axis for axis in changed if axis != WARM]
        again, control, warm, *ran = self._run_all(
            [
                self._run((), number, cases, NONE),
                self._run((), number, cases, CONTROL),
                self._run((WARM,), number, self.cases if WARM in changed else (), WARM),
                *(self._run((axis,), number, cases, axis) for axis in alone),
            ]
        )
        by_axis = {
            WARM: self._differing(usual, warm, WARM),
            **{axis: self._differing(again, each, axis) for axis, each in zip(alone, ran, strict=True)},
        }
        uncontrolled = self._differing(again, control, CONTROL)
        found: list[Instability] = []
        for case in cases:
            if case in uncontrolled:  # then every run differs, and no axis is the cause
                found.append(_instability(case, CONTROL, uncontrolled[case]))
                continue
            named = [axis for axis in AXES if case in by_axis.get(axis, ())]
            named = _without_echoes(named, {axis: by_axis[axis][case] for axis in named})
            found += [_instability(case, axis, by_axis[axis][case]) for axis in named]
            if not named:
                found.append(_instability(case, TOGETHER, together[case]))
        return found

    def _conditions(self, axes: Iterable[str], number: int) -> Conditions:
        return Conditions(axes=frozenset(axes), round=number, started_at=self._started_at)

    def _run(self, axes: Iterable[str], number: int, cases: tuple[Case, ...], name: str) -> _Run:
        return _Run(conditions=self._conditions(axes, number), cases=cases, name=name)

    def _run_all(self, runs: Sequence[_Run]) -> Iterator[Ran]:
        self._total += len(runs)
        for ran in self._pool.map(self._one, runs):
            self._done += 1
            self._on_run(self._done, self._total)
            yield ran

    def _one(self, each: _Run) -> Ran:
        ran = run(self.config, each.conditions, each.order, children=self._children)
        for broke in ran.broke:
            name = broke.case.name if broke.case is not None else None
            self.broken.append(BrokenRun(axis=each.name, history=name, message=broke.message))
        return ran

    def _differing(self, usual: Ran, changed: Ran, axis: str) -> dict[Case, RunDifference]:
        """By History, the first difference of one run and another."""
        found: dict[Case, RunDifference] = {}
        for case, (first, *_) in usual.replays.items():
            rules = self.config.strict_policy.of(case.workflow_type or "")
            for replay in changed.replays.get(case, ()):
                self.compared.add(case)
                for each in (first, replay):
                    if has_no_answer(each):
                        where = axis if each is replay else NONE
                        self.broken.append(
                            BrokenRun(axis=where, history=case.name, message=str(each["message"]))
                        )
                        break
                else:
                    difference = first_difference(first, replay, rules)
                    if difference is not None:
                        found.setdefault(case, difference)
        return found


def _without_echoes(axes: Sequence[str], differences: Mapping[str, RunDifference]) -> list[str]:
    """The axes that make a difference of their own.

    Whatever is changed, objects come to lie elsewhere too: where their addresses alone make a difference, the
    same line under another axis is no second finding.
    """
    addresses = differences.get(ADDRESSES)
    return [
        axis
        for axis in axes
        if axis == ADDRESSES or addresses is None or differences[axis].source != addresses.source
    ]


def _instability(case: Case, name: str, difference: RunDifference) -> Instability:
    axis = axis_named(name)
    return Instability(
        history=case.name,
        workflow_type=case.workflow_type,
        axis=axis.name,
        changed=axis.changes,
        command=difference.command,
        event_id=difference.event_id,
        field=difference.field,
        usual=difference.usual,
        perturbed=difference.perturbed,
        source=difference.source,
        cure=axis.cure,
    )
