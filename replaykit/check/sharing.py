"""What each process of a pool judges next, and what has come of it: shared by the threads that ask them."""

from __future__ import annotations

import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replaykit.check.hash_seeds import Conclusion, Trial, cause_of, concluded
from replaykit.trust import Finding
from replaykit.verdict import Verdict

__all__ = ["Done", "Sharing", "Task"]

_LEAST = 8_000
"""Bytes whose replay takes as long as what a replay takes besides."""


@dataclass(slots=True)
class Task:
    """A file that is to be judged."""

    index: int
    """Its place among all that were asked for."""
    path: Path
    name: str
    """What its Verdict calls it."""
    weight: int
    """An estimate of how long that takes, in bytes."""
    trials: list[Trial] = field(default_factory=list)
    """What processes have answered so far."""

    @classmethod
    def of(cls, index: int, path: Path, name: str) -> Task:
        """A task, weighed by the size of its file."""
        try:
            size = path.stat().st_size
        except OSError:  # standard input, or what is not there any more
            size = 0
        return cls(index=index, path=path, name=name, weight=size + _LEAST)


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """The result of one task."""

    index: int
    verdict: Verdict


class Sharing:
    """Hands out tasks, the longest first, and takes what has come of them.

    Args:
        tasks: All there are.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._waiting = deque(sorted(tasks, key=lambda task: (-task.weight, task.index)))
        self._again: dict[int, deque[Task]] = defaultdict(deque)
        """By number of the process, what that one is to judge once more."""
        self._left = len(tasks)
        self._weight_waiting = sum(task.weight for task in tasks)
        self._weight_taken = 0
        self._began: dict[int, float] = {}
        """By number of the process, when it took its first task."""
        self._steady: set[Hashable] = set()
        self._findings: dict[Finding, None] = {}
        self._is_over = False
        self._changed = threading.Condition()
        self._done: queue.SimpleQueue[Done | BaseException] = queue.SimpleQueue()

    @property
    def busy(self) -> Sequence[int]:
        """The numbers of the processes that have been given anything."""
        with self._changed:
            return sorted(self._began)

    @property
    def findings(self) -> Sequence[Finding]:
        """About Histories that fail under some hash seeds alone."""
        with self._changed:
            return tuple(self._findings)

    def take(self, number: int) -> Task | None:
        """The next task for a process; waits while another one may still want something of it.

        Returns:
            The task; None once all is done, or over.
        """
        with self._changed:
            while self._left and not self._is_over:
                self._began.setdefault(number, time.monotonic())
                if self._again[number]:
                    return self._again[number].popleft()
                if self._waiting:
                    task = self._waiting.popleft()
                    self._weight_waiting -= task.weight
                    self._weight_taken += task.weight
                    return task
                self._changed.wait()
        return None

    def answer(self, task: Task, trial: Trial) -> None:
        """Take the Verdict of a process."""
        task.trials.append(trial)
        cause = cause_of(task.trials[0].verdict)
        with self._changed:
            found = concluded(task.trials, is_steady=cause in self._steady)
            if not isinstance(found, Conclusion):
                self._again[found].append(task)
                self._changed.notify_all()
                return
            if len(task.trials) == 2 and cause_of(trial.verdict) == cause:
                self._steady.add(cause)
            if found.finding is not None:
                self._findings.setdefault(found.finding)
            self._left -= 1
            if not self._left:
                self._changed.notify_all()
        self._done.put(Done(index=task.index, verdict=found.verdict))

    def fail(self, error: BaseException) -> None:
        """Have `next` raise it."""
        self._done.put(error)

    def next(self, timeout_s: float) -> Done | None:
        """What is done next, in whatever order; None where nothing is within the timeout.

        Raises:
            BaseException: Whatever a thread gave to `fail`.
        """
        try:
            done = self._done.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(done, BaseException):
            raise done
        return done

    def stop(self) -> None:
        """Hand out nothing any more."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def spent_s(self) -> float:
        """How long processes have judged so far, all of them together."""
        with self._changed:
            now = time.monotonic()
            return sum(now - began for began in self._began.values())

    def waiting_s(self) -> float:
        """How long one process would take over all that none has begun with, as far as that is known."""
        spent_s = self.spent_s()
        with self._changed:
            return spent_s * self._weight_waiting / self._weight_taken if self._weight_taken else 0.0
