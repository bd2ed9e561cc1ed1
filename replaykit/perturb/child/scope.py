"""When workflow code runs: only then is anything changed for it.

The SDK, codecs and interceptors outside the workflow keep the real clock and the real random numbers: a
signature that a key service refuses would look like a finding.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import FrameType
from typing import Protocol

from replaykit.replay.sdk.installed import SANDBOX_FOLDER
from replaykit.whose_code import is_user_code

__all__ = ["Part", "Scope", "caller_is_user_code", "is_sandbox", "user_frame"]


class Part(Protocol):
    """One thing that workflow code could notice, held still or changed."""

    def begin(self) -> None:
        """A replay begins: whatever it counts starts again."""

    def applied(self, scope: Scope) -> AbstractContextManager[None]:
        """In force while workflow code runs."""


class Scope:
    """Whether workflow code runs now.

    Args:
        parts: In force while it does.
    """

    def __init__(self) -> None:
        self.parts: Sequence[Part] = ()
        self.is_active = False
        self.is_importing = False
        self.activations = 0
        """Of this replay, so far."""

    def begin(self) -> None:
        """A replay begins."""
        self.activations = 0
        for part in self.parts:
            part.begin()

    @contextmanager
    def importing(self) -> Iterator[None]:
        """The code is being imported."""
        self.is_importing = True
        try:
            with self.running():
                yield
        finally:
            self.is_importing = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Workflow code runs."""
        if self.is_active:
            yield
            return
        with ExitStack() as stack:
            for part in self.parts:
                stack.enter_context(part.applied(self))
            self.is_active = True
            stack.callback(self._end)
            yield

    def _end(self) -> None:
        self.is_active = False
        self.activations += 1


def user_frame(frame: FrameType | None, is_between: Callable[[str], bool]) -> FrameType | None:
    """The frame of the user's code that made a call, if it made it directly.

    Args:
        frame: Where the call arrived.
        is_between: Whether a file is one that the call may pass through on its way, such as that of `os`.
    """
    while frame is not None and is_between(frame.f_code.co_filename):
        frame = frame.f_back
    return frame if frame is not None and is_user_code(frame.f_code.co_filename) else None


def caller_is_user_code() -> bool:
    """Whether the function that asks was called from a line of the user's code."""
    return user_frame(sys._getframe(2), is_sandbox) is not None


def is_sandbox(file: str) -> bool:
    """Whether a file is of the SDK's sandbox, whose proxies stand between the code and what it calls."""
    return file.startswith(SANDBOX_FOLDER)
