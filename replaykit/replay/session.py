"""A replay session: one worker's code on one side, any number of Histories on the other."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import logging
import time
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import TracebackType

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from replaykit.config import StrictPolicy
from replaykit.history import History
from replaykit.replay.diagnosing import diagnose, judged_so_far, of_failed_task
from replaykit.replay.diagnosis import Diagnosis, vacuous
from replaykit.replay.judged import Again, judged
from replaykit.replay.lane import Answer, Lane, LaneBroken, Stalled, replay_here
from replaykit.replay.open_task import failed_task, in_words, with_open_task
from replaykit.replay.recorder import Around, AroundDraws, Made, Recorder, Warmth
from replaykit.replay.recording_plugin import RecordingPlugin
from replaykit.replay.replayed import Replayed
from replaykit.replay.sdk.replayer import install_guards
from replaykit.replay.unanswered import not_replayed, without_answer
from replaykit.replay.workers import Worker
from replaykit.verdict import Outcome, Verdict

__all__ = ["ReplaySession", "quiet_sdk"]

_DEFAULT_NAMESPACE = "default"
_DEADLOCK_LIMIT_S = 10.0
"""Five times the SDK's own limit: room for a slow machine, and an endless loop is still named soon."""


_TRYING_S, _TRYING_IN_ALL_S = 3.0, 30.0
"""Seconds for the search of what shifts a value: of one History, and of all that a session judges."""
_SETTLING_S = 0.1
"""Time for Core's threads to leave Python before the interpreter ends: else they may abort the process."""


class ReplaySession:
    """Judges Histories against the code of one worker.

    Args:
        worker: The worker's code.
        root: The project; source lines inside it are given relative to it.
        timeout_s: Deadline of each replay, in seconds; None for none.
        debug: Replay in the calling thread, without deadline and deadlock detector, so that `breakpoint()`
            inside workflow code has the terminal.
        evidence: Keep the whole alignment in each Verdict, for a report that shows it.
        strict: Compare attributes too, by this policy; None for not.
        around: Stands between Core and the code: see `Recorder.around`.
        made: Called for each instance of a workflow: see `Recorder.made`.
        warm: Keep the modules of sandboxes from one History to the next, as long as no run changes them.
    """

    def __init__(
        self,
        worker: Worker,
        *,
        root: Path,
        timeout_s: float | None,
        debug: bool = False,
        evidence: bool = False,
        strict: StrictPolicy | None = None,
        around: Around | None = None,
        made: Made | None = None,
        warm: bool = False,
    ) -> None:
        install_guards()
        self.worker = worker
        self.data_converter: DataConverter = worker.data_converter or DataConverter.default
        """The worker's own; with what its plugins made of it once a Replayer has begun."""
        self._root = root
        self._timeout_s = None if debug else timeout_s
        self._debug = debug
        self._evidence = evidence
        self._strict = strict
        self._around = around
        self._made = made
        self._warm = warm and not debug
        self._recorders: list[Recorder] = []
        self.deadlock_s = None if self._timeout_s is None else min(_DEADLOCK_LIMIT_S, self._timeout_s / 2)
        """How long the code may run without a pause, in seconds; None for as long as it likes."""
        self._trying_left_s = _TRYING_IN_ALL_S
        self._replayed: Replayed | None = None
        self._lanes: dict[str, Lane] = {}

    def __enter__(self) -> ReplaySession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every Replayer; a stalled one was abandoned already."""
        while self._lanes:
            self._lanes.popitem()[1].close()

    def begin(self) -> None:
        """Start a Replayer before the first replay, so that `data_converter` is known.

        What keeps it from starting is an error of the first replay.
        """
        with quiet_sdk():
            self._lane(_DEFAULT_NAMESPACE).begin(self._timeout_s)

    def judge(self, history: History, *, name: str) -> Verdict:
        """Replay one History into a Verdict. Never raises for what a History or the code does.

        Args:
            history: Any History; one that would hang or crash Core never reaches it.
            name: What the Verdict calls it: the fixture's path, as a rule.
        """
        began = time.perf_counter()
        diagnosis = self.diagnose(history)
        return diagnosis.verdict(history, name=name, duration_s=time.perf_counter() - began)

    def diagnose(self, history: History) -> Diagnosis:
        """Replay one History: the part of its Verdict that the replay decides."""
        self._replayed = None
        refused = not_replayed(history, self.worker)
        if refused is not None:
            return refused
        failed = failed_task(history)
        diagnosis = self._of_completed_tasks(history) if _has_completed_task(history) else vacuous(history)
        if failed is None or diagnosis.outcome is Outcome.DIVERGED:
            return diagnosis
        return self._of_open_task(history, failed, diagnosis)

    def _of_completed_tasks(self, history: History) -> Diagnosis:
        began = time.monotonic()
        try:
            replayed = self.record(history)
        except (Stalled, LaneBroken) as error:
            return without_answer(error, self._timeout_s, self._root)
        self._replayed = replayed
        again = self._again(history, began)
        return judged(replayed, evidence=self._evidence, strict=self._strict, again=again)

    def _again(self, history: History, began: float) -> Again:
        """Replays a History with other draws, until the time is up that its deadline leaves for that."""
        is_plain = not self._debug and self._around is None and self._made is None
        now = time.monotonic()
        spare = _TRYING_S if self._timeout_s is None else (self._timeout_s - (now - began)) / 2
        until = now + min(_TRYING_S, self._trying_left_s, spare)

        def again(around_draws: AroundDraws) -> Replayed | None:
            began = time.monotonic()
            if not is_plain or began >= until:
                return None
            try:
                return self.record(history, around_draws=around_draws, timeout_s=until - began)
            except (Stalled, LaneBroken):
                return None
            finally:
                self._trying_left_s -= time.monotonic() - began

        return again

    def _of_open_task(self, history: History, failed: HistoryEvent, diagnosis: Diagnosis) -> Diagnosis:
        """The Diagnosis of a History whose last task failed in production: does this code fail there too?"""
        there = diagnosis
        tried = with_open_task(history)
        if tried is not None and (judged_so_far(diagnosis) or not _has_completed_task(history)):
            try:
                there = diagnose(self.record(tried))
            except (Stalled, LaneBroken) as error:
                there = without_answer(error, self._timeout_s, self._root)
        return of_failed_task(diagnosis, there, in_words(failed))

    def record(
        self, history: History, *, around_draws: AroundDraws | None = None, timeout_s: float | None = None
    ) -> Replayed:
        """Replay a History without judging it: what the SDK answered, and what the code asked for.

        Args:
            history: The History.
            around_draws: See `Recorder.around_draws`.
            timeout_s: In place of the deadline of all replays.

        Raises:
            Stalled: No answer within the deadline.
            LaneBroken: The Replayer ended under this History; its cause is chained.
        """
        with quiet_sdk():
            answer = self._replay(history, around_draws, timeout_s or self._timeout_s)
        return Replayed(history=history, failure=answer.failure, recording=answer.recording, root=self._root)

    @property
    def warmth(self) -> Warmth:
        """What became of the sandboxes of all Replayers."""
        return Warmth.of(recorder.warmth for recorder in self._recorders)

    @property
    def replayed(self) -> Replayed | None:
        """The last replay that was judged; None where it did not come to its end."""
        return self._replayed

    def _replay(self, history: History, around_draws: AroundDraws | None, timeout_s: float | None) -> Answer:
        namespace = history.namespace or _DEFAULT_NAMESPACE
        if self._debug and not _in_event_loop():
            recorder = Recorder(around=self._around, made=self._made)
            return replay_here(lambda pool: self._replayer(namespace, recorder, pool), recorder, history)
        lane = self._lane(namespace)
        try:
            return lane.replay(history, timeout_s, around_draws)
        except BaseException:
            # Stalled, broken or interrupted: whatever it is still doing must not answer for the next History.
            del self._lanes[namespace]
            lane.abandon()
            raise

    def _lane(self, namespace: str) -> Lane:
        lane = self._lanes.get(namespace)
        if lane is None:
            recorder = Recorder(
                around=self._around, made=self._made, is_watched=not self._debug, is_warm=self._warm
            )
            self._recorders.append(recorder)
            lane = Lane(lambda pool: self._replayer(namespace, recorder, pool), recorder)
            self._lanes[namespace] = lane
        return lane

    def _replayer(
        self, namespace: str, recorder: Recorder, executor: concurrent.futures.ThreadPoolExecutor
    ) -> Replayer:
        worker = self.worker
        return Replayer(
            workflows=worker.workflows,
            workflow_task_executor=executor,
            workflow_runner=worker.workflow_runner or SandboxedWorkflowRunner(),
            unsandboxed_workflow_runner=UnsandboxedWorkflowRunner(),
            namespace=namespace,
            data_converter=worker.data_converter or DataConverter.default,
            interceptors=worker.interceptors,
            plugins=[
                *worker.plugins,
                RecordingPlugin(
                    recorder, self.deadlock_s, debug=self._debug, on_converter=self._keep_converter
                ),
            ],
            build_id="replaykit",  # or the SDK hashes every loaded module each time
            workflow_failure_exception_types=worker.workflow_failure_exception_types,
            debug_mode=self._debug,
            runtime=_runtime(),
        )

    def _keep_converter(self, data_converter: DataConverter) -> None:
        self.data_converter = data_converter


@lru_cache(maxsize=1)
def _runtime() -> Runtime:
    """A runtime of our own: by default Core logs to standard output, between the lines of a report."""
    atexit.register(time.sleep, _SETTLING_S)
    return Runtime(telemetry=TelemetryConfig(logging=None))


@contextlib.contextmanager
def quiet_sdk() -> Iterator[None]:
    """Silence the SDK's own log lines about failed tasks, and let no warning be an error.

    The Verdict reports the failed tasks, and better. Warnings as errors are for tests: a worker goes on, and
    so does a replay. The filters belong to the whole process: they are set in this thread, which waits for
    the replay, and not in that of the code, which may never come back to undo it.
    """
    logger = logging.getLogger("temporalio.worker")
    before = logger.disabled
    children = [
        child
        for name, child in logging.Logger.manager.loggerDict.items()
        if name.startswith("temporalio.worker.") and isinstance(child, logging.Logger)
    ]
    states = [(child, child.disabled) for child in children]
    for child in children:
        child.disabled = True
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.filters[:] = [  # type: ignore[index]  # typeshed has it as a Sequence; it is a list
                ("default", *rest) if action == "error" else (action, *rest)
                for action, *rest in warnings.filters
            ]
            yield
    finally:
        logger.disabled = before
        for child, disabled in states:
            child.disabled = disabled


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _has_completed_task(history: History) -> bool:
    return any(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for event in history.events)
