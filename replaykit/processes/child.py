"""One child process: started, asked, and gone at the end, whatever happens to it."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from replaykit.errors import ReplaykitError
from replaykit.processes.frames import FAILED, MESSAGE, WHERE
from replaykit.processes.lost import ChildLostError
from replaykit.processes.pipes import BAD, END, Frame, Pipes
from replaykit.processes.signals import held_back, unwound
from replaykit.processes.starting import end, end_group, start
from replaykit.processes.whereabouts import LOOK, NOWHERE, Whereabouts, in_dump, is_dump
from replaykit.verdict import Reason

__all__ = ["Child", "Children", "Program"]

_BOOT = Path(__file__).with_name("boot.py")
_LOOK_S = 0.1
"""How often a silent child is looked at: another process may hold its pipe open once it is gone."""
_LAST_S = 0.5
"""For what an ended child has written already."""
_WHERE_S = 1.0
"""For the answer of a stuck child on where it is stuck."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """What a child runs."""

    function: str
    """`module:function` of this package; it is given the `Parent`."""
    what: str
    """What the child stands for, in messages: "the base"."""
    opening: object
    """The first message that it receives, whenever it is started. It loads its code and sends an answer."""
    loading_s: float
    """Deadline of that answer."""
    silence_s: float | None = None
    """Deadline of each message after that, for a child that outlives us: code can hold its GIL, and then it
    does not notice that we are gone. None for none."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Environment variables besides our own."""
    path: Sequence[str] | None = None
    """Its `sys.path`; by default what Python makes of the environment."""
    on_output: Callable[[bytes], None] | None = None
    """Given what it prints, as it comes, in a thread."""

    @property
    def patience_s(self) -> float | None:
        """The longest that we wait for it, in seconds: it may load code at any time. None for no deadline."""
        return None if self.silence_s is None else max(self.silence_s, self.loading_s)


class Child:
    """A process that runs a Program; started with the first `ready`, and again once it is lost."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._pipes: Pipes | None = None
        self._is_over = False
        self._changing = threading.RLock()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def is_running(self) -> bool:
        """Whether it was started, and is not lost."""
        return self._process is not None

    def start(self) -> Any:
        """Start a new process, and wait until it has loaded its code.

        Returns:
            Its answer to the opening.

        Raises:
            ChildLostError: It did not come so far.
            ReplaykitError: Its code cannot be loaded, and it knows why.
        """
        self.launch()
        return self.loaded()

    def launch(self) -> None:
        """Start a new process, and do not wait for it: `loaded` does.

        Raises:
            ChildLostError: The system starts none.
        """
        program = self._program
        self._stop()
        with held_back(), self._changing:
            if self._is_over:
                raise self._lost("is not needed any more", Reason.CRASHED)
            greeting = os.urandom(16).hex()
            try:
                self._process = start(
                    [sys.executable, str(_BOOT), greeting],
                    environ={**os.environ, **program.env},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
            except OSError as error:
                raise self._lost(f"could not be started: {error}", Reason.CRASHED) from error
            self._pipes = Pipes(self._process, greeting.encode(), program.on_output)
        path = None if program.path is None else list(program.path)
        self.send((program.function, path, program.patience_s))
        self.send(program.opening)

    def loaded(self) -> Any:
        """Wait until a launched process has loaded its code; returns and raises as `start` does."""
        return self._heard(self._program.loading_s, is_loading=True)

    def send(self, message: object) -> None:
        """Send a message; never waits. Where the process is gone, `hear` raises."""
        if self._pipes is not None:
            self._pipes.send(MESSAGE, pickle.dumps(message))

    def hear(self, timeout_s: float) -> Any:
        """The next message. Where none comes the process is ended.

        Raises:
            ChildLostError: It ended, gave no answer within the timeout, or sent what is no message.
            ReplaykitError: It cannot go on, and knows why.
        """
        return self._heard(timeout_s, is_loading=False)

    def drop(self) -> None:
        """End the process; another one can be started."""
        self._stop()

    def end(self) -> None:
        """End the process, and let none start any more.

        May be called from any thread; a `hear` of another one ends, too.
        """
        self._is_over = True
        self._stop()

    def _stop(self) -> None:
        with held_back(), self._changing:
            process, pipes = self._process, self._pipes
            self._process = self._pipes = None
            if process is not None:
                end(process)
            if pipes is not None:
                pipes.close()

    def _heard(self, timeout_s: float, *, is_loading: bool) -> Any:
        process, pipes = self._process, self._pipes
        if process is None or pipes is None:
            raise self._lost("is not running", Reason.CRASHED)
        try:
            kind, data = frame = _next(process, pipes, timeout_s)
            if kind == MESSAGE:
                return pickle.loads(data)  # from our own child
            if kind == FAILED:
                what, where, cure = pickle.loads(data)
                error: ReplaykitError = ReplaykitError(what, where=where, cure=cure)
            else:
                error = self._ended(process, pipes, frame, is_loading=is_loading)
        except _SilentError:
            error = self._silent(process, pipes, timeout_s, is_loading=is_loading)
        except Exception as broken:  # unpickling bytes of other code can raise anything
            error = self._lost(f"sent what is no message: {type(broken).__name__}: {broken}", Reason.CRASHED)
        except BaseException:  # interrupted: the answer would be taken for that to the next question
            self._stop()
            raise
        self._stop()
        raise error

    def _ended(
        self, process: subprocess.Popen[bytes], pipes: Pipes, frame: Frame, *, is_loading: bool
    ) -> ChildLostError:
        if frame == BAD:
            return self._lost("sent something that is no message of replaykit's", Reason.CRASHED)
        when = " while it loaded its code" if is_loading else ""
        try:
            how = _how(process.wait(_LAST_S))
        except subprocess.TimeoutExpired:
            how = "closed its pipes to replaykit"
        last = pipes.last_words()
        there = in_dump(pipes.errors)
        return self._lost(
            f"{how}{when}{f': {last}' if last else ''}{_it_was(there)}",
            Reason.CRASHED,
            there,
            cure="Its modules must import without ending the process." if is_loading else None,
        )

    def _silent(
        self, process: subprocess.Popen[bytes], pipes: Pipes, timeout_s: float, *, is_loading: bool
    ) -> ChildLostError:
        there = _whereabouts(pipes) or _stuck_at(process, pipes)
        if not is_loading:
            return self._lost(
                f"gave no answer within {timeout_s:g} s{_it_was(there)}", Reason.TIMED_OUT, there
            )
        return self._lost(
            f"did not load its code within {timeout_s:g} s{_it_was(there)}",
            Reason.TIMED_OUT,
            there,
            cure="Its modules must import without waiting for anything. A longer deadline: "
            "timeout = SECONDS in [tool.replaykit].",
        )

    def _lost(
        self, what: str, reason: Reason, there: Whereabouts = NOWHERE, *, cure: str | None = None
    ) -> ChildLostError:
        return ChildLostError(f"{self._program.what} {what}", reason=reason, there=there, cure=cure)


class Children:
    """All children of one piece of work: at the end of the block none of them is left."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._is_over = False
        self._changing = threading.Lock()
        self._unwound = ExitStack()

    def __enter__(self) -> Children:
        self._unwound.enter_context(unwound())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        self._unwound.close()

    def of(self, program: Program) -> Child:
        """A child for a Program, not started yet."""
        child = Child(program)
        with self._changing:
            self._children.append(child)
        if self._is_over:
            child.end()
        return child

    def end(self) -> None:
        """End all of them, and let none start any more."""
        with held_back():
            self._is_over = True
            with self._changing:
                children = list(self._children)
            for child in children:
                child.end()


class _SilentError(Exception):
    """Nothing came in time."""


def _next(process: subprocess.Popen[bytes], pipes: Pipes, timeout_s: float) -> Frame:
    deadline = time.monotonic() + timeout_s
    while True:
        rest = deadline - time.monotonic()
        try:
            frame = pipes.frames.get(timeout=max(0.0, min(rest, _LOOK_S)))
        except queue.Empty:
            if process.poll() is not None:
                end_group(process)
                try:
                    frame = pipes.frames.get(timeout=_LAST_S)
                except queue.Empty:
                    return END
            elif rest <= 0:
                raise _SilentError from None
            else:
                continue
        if frame[0] != WHERE:
            return frame


def _it_was(there: Whereabouts) -> str:
    return f"; it was at {there.at}" if there.at else ""


def _whereabouts(pipes: Pipes) -> Whereabouts | None:
    """Where in the user's code a silent child is, if it can still answer."""
    pipes.send(WHERE, b"")
    deadline = time.monotonic() + _WHERE_S
    while (rest := deadline - time.monotonic()) > 0:
        try:
            kind, data = pipes.frames.get(timeout=rest)
        except queue.Empty:
            break
        if kind == WHERE:
            there: Whereabouts = pickle.loads(data)  # from our own child
            return there if there.at else None
    return None


def _stuck_at(process: subprocess.Popen[bytes], pipes: Pipes) -> Whereabouts:
    """The same of a child whose every thread waits for the GIL: its stacks are written without it."""
    if LOOK is None:
        return NOWHERE
    with contextlib.suppress(OSError):
        process.send_signal(LOOK)
    before, deadline = "", time.monotonic() + _WHERE_S
    while time.monotonic() < deadline:
        time.sleep(_LOOK_S)
        now = pipes.errors
        if is_dump(now) and now == before:  # all of it is there
            break
        before = now
    return in_dump(pipes.errors)


def _how(code: int) -> str:
    """How a process ended, by its exit code."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
