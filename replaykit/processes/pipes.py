"""Python processes of our own, and what goes to and fro: each message a pickle behind its length."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from replaykit.errors import ReplaykitError

__all__ = ["Child", "receive", "send", "served"]

_LENGTH = struct.Struct(">Q")


def send(pipe: BinaryIO, message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def receive(pipe: BinaryIO) -> Any:
    """Read one message.

    Raises:
        EOFError: The other side is gone.
    """
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    return pickle.loads(pipe.read(_LENGTH.unpack(head)[0]))  # from our own child or parent


class Child:
    """A process that runs one function of this package."""

    def __init__(self, process: subprocess.Popen[bytes], what: str) -> None:
        self._process = process
        self._what = what

    def tell(self, message: object) -> None:
        """Send a message."""
        assert self._process.stdin is not None
        try:
            send(self._process.stdin, message)  # type: ignore[arg-type]
        except BrokenPipeError:
            raise self._ended() from None

    def hear(self) -> Any:
        """The next message.

        Raises:
            ReplaykitError: The process has ended.
        """
        assert self._process.stdout is not None
        try:
            return receive(self._process.stdout)  # type: ignore[arg-type]
        except EOFError:
            raise self._ended() from None

    def _ended(self) -> ReplaykitError:
        return ReplaykitError(
            f"the process of {self._what} ended early (exit code {self._process.wait()})",
            cure="What it printed is above.",
        )

    @classmethod
    @contextmanager
    def of(cls, function: str, *, what: str, env: Mapping[str, str] | None = None) -> Iterator[Child]:
        """Start one; it is gone afterwards.

        Args:
            function: `module:function` of this package.
            what: What the process stands for, for messages: "the base".
            env: Environment variables besides our own.
        """
        module, _, name = function.partition(":")
        # From an empty folder: with -c Python puts the current one first on its path.
        with tempfile.TemporaryDirectory(prefix="replaykit-") as nowhere:
            process = subprocess.Popen(
                [sys.executable, "-c", f"from {module} import {name}; {name}()"],
                cwd=nowhere,
                env={**os.environ, **(env or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            try:
                yield cls(process, what)
            finally:
                process.kill()
                process.wait()
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        pipe.close()


def served() -> tuple[BinaryIO, BinaryIO]:
    """Inside a child: where to receive from and where to send to.

    What the user's code prints goes to standard error, and must not come between the messages.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.path[:] = [entry for entry in sys.path if entry]
    return sys.stdin.buffer, answers
