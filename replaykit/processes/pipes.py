"""The three pipes of a child: kept flowing by threads, so that no wait of ours is for a pipe."""

from __future__ import annotations

import contextlib
import io
import queue
import re
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import cast

from replaykit.processes.frames import BadFrameError, read_frame, write_frame
from replaykit.processes.whereabouts import before_dump, is_dump_line

__all__ = ["BAD", "END", "Frame", "Pipes"]

Frame = tuple[bytes, bytes]
"""Kind and bytes."""
END: Frame = (b"", b"")
"""The child's side is closed: nothing comes any more."""
BAD: Frame = (b"?", b"")
"""Something came that is no frame: nothing that follows can be read."""

_KEPT = 16_000
_GREETING_WITHIN = 1 << 20
_WARNING = re.compile(r"^.*:\d+: \w*Warning: .*\n(?:  .*\n?)?", re.MULTILINE)
"""As Python prints one: with the line that it is about, where that can be read."""


class Pipes:
    """Reads and writes a process's pipes; each thread closes its own, once it comes to an end.

    Args:
        process: Started with three pipes without buffers.
        greeting: What its side begins with.
        on_output: Given what it prints, as it comes.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        greeting: bytes,
        on_output: Callable[[bytes], None] | None = None,
    ) -> None:
        self.frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        """What has come; the last is END or BAD."""
        self._greeting = greeting
        self._on_output = on_output
        self._outgoing: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._errors = bytearray()
        self._written = 0
        """Bytes of errors so far, those that are not kept any more too."""
        self._asked_at = 0
        """The same when it was asked last."""
        self._threads = {
            name: threading.Thread(target=target, args=(cast(io.FileIO, pipe),), name=name, daemon=True)
            for name, target, pipe in (
                ("replaykit-write", self._write, process.stdin),
                ("replaykit-read", self._read, process.stdout),
                ("replaykit-errors", self._keep_errors, process.stderr),
            )
        }
        for thread in self._threads.values():
            thread.start()

    def send(self, kind: bytes, data: bytes) -> None:
        """Have a frame written; never waits."""
        self._asked_at = self._written
        self._outgoing.put((kind, data))

    def close(self) -> None:
        """Stop writing, and give the threads a moment; one whose pipe another process holds open is left."""
        self._outgoing.put(None)
        for thread in self._threads.values():
            thread.join(0.5)

    @property
    def errors(self) -> str:
        """The end of what the process wrote to standard error so far, or printed."""
        return bytes(self._errors).decode(errors="replace")

    def ended_since_asked(self) -> str:
        """The same, once the process has ended, without what it wrote before it was asked last."""
        self._threads["replaykit-errors"].join(0.5)
        earlier = max(0, self._asked_at - (self._written - len(self._errors)))
        return bytes(self._errors[earlier:]).decode(errors="replace")

    def last_words(self) -> str:
        """The last line that the process wrote to standard error, or printed, since it was asked.

        What it wrote over an earlier question is not its reason to end, and neither is a warning.
        """
        text = _WARNING.sub("", before_dump(self.ended_since_asked()))
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        last = lines[-1][:300] if lines else ""
        return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in last)

    def _write(self, pipe: io.FileIO) -> None:
        with contextlib.suppress(OSError), pipe:  # it ended before it read everything
            while (frame := self._outgoing.get()) is not None:
                write_frame(pipe, *frame)

    def _read(self, pipe: io.FileIO) -> None:
        last = END
        with contextlib.suppress(OSError), pipe:
            try:
                if self._greeted(pipe):
                    while (frame := read_frame(pipe)) is not None:
                        self.frames.put(frame)
            except BadFrameError:
                last = BAD
        self.frames.put(last)

    def _greeted(self, pipe: io.FileIO) -> bool:
        """Read on to the greeting; what Python itself ran before may have printed something."""
        seen = bytearray()
        while not seen.endswith(self._greeting):
            byte = pipe.read(1)
            if not byte:
                return False
            seen += byte
            if len(seen) > _GREETING_WITHIN:
                raise BadFrameError
        return True

    def _keep_errors(self, pipe: io.FileIO) -> None:
        unfinished = b""
        with contextlib.suppress(OSError), pipe:
            while data := pipe.read(8192):
                self._errors += data
                self._written += len(data)
                del self._errors[:-_KEPT]
                *lines, unfinished = (unfinished + data).split(b"\n")
                self._pass_on([line + b"\n" for line in lines])
        self._pass_on([unfinished])

    def _pass_on(self, lines: Sequence[bytes]) -> None:
        """Whole lines, up to the stacks of a process that ends: the line is named without them."""
        for line in lines:
            if self._on_output is not None and is_dump_line(line):
                self._on_output = None
            if self._on_output is not None and line:
                self._on_output(line)
