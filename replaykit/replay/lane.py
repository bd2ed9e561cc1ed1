"""A lane: one long-lived Replayer in a thread of its own, fed one History after the other.

A stalled replay cannot be cancelled (the SDK's iterator waits for its worker in a `finally`), but its lane
can be abandoned: its thread is a daemon, and the next History gets a new lane.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import queue
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from replaykit.history import History
from replaykit.loops import run_in_own_loop
from replaykit.replay.interrupting import interrupt, settle
from replaykit.replay.recorder import AroundDraws, Recorder, Recording
from replaykit.replay.standing import NOWHERE, Standing, in_thread, of_loop

__all__ = ["Answer", "DaemonExecutor", "Lane", "LaneBroken", "Stalled", "replay_here"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the SDK answered for one History."""

    failure: Exception | None
    recording: Recording


class Stalled(Exception):
    """The replay did not answer within its deadline; its lane must not be used again.

    Args:
        standing: Where it is stuck, as far as that is known.
        is_over: Whether the code was through, and does not let itself be ended.
        is_begun: Whether the SDK had come so far that it takes Histories.
    """

    def __init__(self, standing: Standing, *, is_over: bool = False, is_begun: bool = True) -> None:
        super().__init__()
        self.standing, self.is_over, self.is_begun = standing, is_over, is_begun


class LaneBroken(Exception):
    """The Replayer itself ended under this History; its lane must not be used again."""


class DaemonExecutor(concurrent.futures.ThreadPoolExecutor):
    """One daemon thread for the activations of a lane.

    The standard pool joins its threads when the interpreter exits: one that workflow code never leaves
    would keep the process alive for ever.
    """

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self._jobs: queue.SimpleQueue[tuple[concurrent.futures.Future[Any], Callable[[], Any]] | None]
        self._jobs = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_busy = False
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="replaykit-activations", daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[Any]:
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self._jobs.put((future, lambda: fn(*args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._is_closed = True
        self._jobs.put(None)

    def interrupt(self) -> None:
        """Raise SystemExit in a running job at its next bytecode, so that an abandoned loop frees the CPU.

        Between jobs it would be raised out of the queue, and take the next job with it.
        """
        with self._lock:
            if self._is_busy:
                interrupt(self._thread)

    def standing(self) -> Standing:
        """Where the running job is now."""
        return in_thread(self._thread.ident)

    def _work(self) -> None:
        job = None
        while not (self._is_closed and self._jobs.empty()):
            try:
                job = self._jobs.get()
                if job is None:
                    continue
                with self._lock:
                    self._is_busy = True
                _run_job(*job)
                with self._lock:
                    self._is_busy = False
            except BaseException as late:
                # An interrupt, ours or that of the SDK's deadlock detector, that came as the job ended. The
                # thread lives on: the SDK has yet to evict the run, and would wait for that without end.
                self._is_busy = False
                if job is not None and not job[0].done():
                    job[0].set_exception(late)
            job = None


def _run_job(future: concurrent.futures.Future[Any], call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


class Lane:
    """One Replayer and the thread that it lives in.

    Args:
        make_replayer: Builds the Replayer inside the lane's thread, given the executor for its activations.
        recorder: The Recorder that the Replayer's RecordingRunner writes to.
    """

    def __init__(
        self, make_replayer: Callable[[concurrent.futures.ThreadPoolExecutor], Replayer], recorder: Recorder
    ) -> None:
        self._make_replayer = make_replayer
        self._recorder = recorder
        self._executor = DaemonExecutor()
        self._answer: concurrent.futures.Future[Exception | None] = concurrent.futures.Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._feed: asyncio.Queue[History | None] | None = None
        self._ready = threading.Event()
        self._ended: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="replaykit-lane", daemon=True)
        self._thread.start()

    def begin(self, timeout_s: float | None) -> None:
        """Wait until the Replayer has started; where it does not, a replay shows why.

        Args:
            timeout_s: Deadline in seconds; None for none.
        """
        self._ready.wait(timeout_s)

    def replay(
        self, history: History, timeout_s: float | None, around_draws: AroundDraws | None = None
    ) -> Answer:
        """Replay one valid History.

        Args:
            history: A History that `replaykit.history.validate` accepts.
            timeout_s: Deadline in seconds; None for none.
            around_draws: See `Recorder.around_draws`.

        Raises:
            Stalled: No answer within the deadline.
            LaneBroken: The Replayer ended; its cause is chained.
        """
        if not self._ready.wait(timeout_s):
            raise Stalled(self._standing(), is_begun=False)  # a plugin or interceptor of the worker blocks
        # Before `_ended` is read: a lane that ends after this point answers to this very future.
        answer = self._answer = concurrent.futures.Future()
        if self._ended is not None or self._loop is None or self._feed is None:
            raise LaneBroken(str(self._ended)) from self._ended
        recording = self._recorder.begin(history, around_draws)
        try:
            self._loop.call_soon_threadsafe(self._feed.put_nowait, history)
        except RuntimeError as error:  # its loop is closed, its failure not yet set
            raise LaneBroken(str(error)) from error
        try:
            failure = answer.result(timeout_s)
        except concurrent.futures.TimeoutError as error:
            if answer.done():  # the Replayer itself ended with one
                raise LaneBroken(str(error)) from error
            raise Stalled(self._standing(recording), is_over=recording.is_over) from None
        except BaseException as error:
            if self._ended is None:
                raise
            raise LaneBroken(str(error)) from error
        if failure is not None:  # of the SDK's deadlock detector, it may be, which interrupts threads too
            settle()
        return Answer(failure=failure, recording=recording)

    def abandon(self) -> None:
        """Abandon the lane: its threads are daemons, and end if the code ever returns."""
        self._executor.interrupt()
        if in_thread(self._thread.ident).step is not None:  # a codec that loops; its guard keeps the exit
            interrupt(self._thread)
        self._recorder.watch.close()
        self._end_feed()

    def close(self, timeout_s: float = 5.0) -> None:
        """End the Replayer in an orderly way; give up on it after the timeout."""
        self._recorder.watch.close()
        self._end_feed()
        self._thread.join(timeout_s)

    def _standing(self, recording: Recording | None = None) -> Standing:
        """Where it stands now: in the code, around it, or where the code was when it was over."""
        end_state = recording.end_state if recording is not None else None
        loop = self._loop
        ways: list[Callable[[], Standing]] = [
            lambda: in_thread(self._recorder.watch.thread),
            lambda: in_thread(self._thread.ident),
            lambda: of_loop(loop) if loop is not None else NOWHERE,
        ]
        found = next((found for way in ways if (found := way()).source is not None), NOWHERE)
        if found is not NOWHERE or end_state is None:
            return found
        return Standing(source=next(iter(end_state.waiting), None))

    def _end_feed(self) -> None:
        if self._loop is not None and self._feed is not None:
            with contextlib.suppress(RuntimeError):  # its loop is closed already
                self._loop.call_soon_threadsafe(self._feed.put_nowait, None)

    def _run(self) -> None:
        try:
            run_in_own_loop(self._serve())
            ended: BaseException = RuntimeError("the Replayer ended")
        except BaseException as error:
            ended = error
        self._ended = ended
        self._executor.shutdown()
        self._ready.set()
        with contextlib.suppress(concurrent.futures.InvalidStateError):
            self._answer.set_exception(ended)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._feed = asyncio.Queue()
        replayer = self._make_replayer(self._executor)
        async with replayer.workflow_replay_iterator(self._histories(self._feed)) as results:
            self._ready.set()
            async for result in results:
                self._answer.set_result(result.replay_failure)

    async def _histories(self, feed: asyncio.Queue[History | None]) -> AsyncIterator[WorkflowHistory]:
        while (history := await feed.get()) is not None:
            yield WorkflowHistory(history.workflow_id or "", history.events)


def replay_here(
    make_replayer: Callable[[concurrent.futures.ThreadPoolExecutor], Replayer],
    recorder: Recorder,
    history: History,
) -> Answer:
    """Replay one History in the calling thread, without a deadline: a debugger needs its terminal."""
    executor = DaemonExecutor()

    async def replay() -> Exception | None:
        result = await make_replayer(executor).replay_workflow(
            WorkflowHistory(history.workflow_id or "", history.events), raise_on_replay_failure=False
        )
        return result.replay_failure

    recording = recorder.begin(history)
    try:
        return Answer(failure=run_in_own_loop(replay()), recording=recording)
    finally:
        executor.shutdown()
