"""One process from outside: started under its conditions, never waited for without a deadline."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory, TemporaryFile
from types import TracebackType
from typing import IO, Any

from replaykit.config import Config
from replaykit.perturb.axes import Conditions
from replaykit.perturb.cases import Case
from replaykit.replay.sdk.private import changed_internals

__all__ = ["Broke", "Ran", "run"]

_BOOT = (
    "import sys; sys.path[:] = sys.argv[1:]; del sys.argv[1:]; "
    "from replaykit.perturb.child.main import main; main()"
)
_LOADING_S = 120.0
"""For the interpreter, the SDK and the user's imports."""
_GRACE_S = 30.0
"""Beyond the deadlines of a replay and of the one before it in a warm process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Broke:
    """A process that did not come to its end."""

    case: Case | None
    """What it was replaying; None before the first History."""
    message: str


@dataclass(kw_only=True, slots=True)
class Ran:
    """What a process answered: by History, what came of each of its replays."""

    replays: dict[Case, list[dict[str, Any]]] = field(default_factory=dict)
    broke: list[Broke] = field(default_factory=list)


def run(
    config: Config, conditions: Conditions, cases: Sequence[Case], *, is_stopped: Callable[[], bool]
) -> Ran:
    """Replay Histories in a process of their own, in that order.

    A process that ends under a History is started again behind it, so that the others are still replayed.

    Args:
        config: The whole configuration.
        conditions: What is changed.
        cases: The Histories; one may come twice.
        is_stopped: Whether nobody waits for the rest any more.
    """
    ran = Ran()
    rest = list(cases)
    while rest and not is_stopped():
        position, broke = _once(config, conditions, rest, ran)
        if broke is None:
            break
        if broke.case is None and not conditions.calm_imports:
            # Code may need its settings, or the year, to be imported at all.
            conditions = dataclasses.replace(conditions, calm_imports=True)
            continue
        ran.broke.append(broke)
        if broke.case is None:
            break
        rest = rest[position + 1 :]
    return ran


def _once(
    config: Config, conditions: Conditions, cases: Sequence[Case], ran: Ran
) -> tuple[int, Broke | None]:
    """One process.

    Returns:
        The place of the History that it was at last, and how it broke; None where it came to its end.
    """
    position = 0
    is_loaded = False
    with (
        TemporaryDirectory(prefix="replaykit-elsewhere-") as elsewhere,
        _Process(conditions, _task(config, conditions, cases, elsewhere)) as process,
    ):
        while True:
            try:
                answer = process.answer(2 * config.timeout_s + _GRACE_S if is_loaded else _LOADING_S)
            except _NoAnswer as error:
                return position, Broke(case=cases[position] if is_loaded else None, message=str(error))
            if "not_loaded" in answer:
                return position, Broke(case=None, message=answer["not_loaded"])
            if "end" in answer:
                unchanged = map(changed_internals, answer["unchanged"])
                ran.broke += [Broke(case=None, message=str(each)) for each in unchanged]
                return position, None
            is_loaded = True
            position = answer.get("begun", answer.get("done", position))
            if "unreadable" in answer:
                ran.broke.append(Broke(case=cases[position], message=answer["unreadable"]))
            if "replay" in answer:
                ran.replays.setdefault(cases[position], []).append(answer["replay"])


def _task(config: Config, conditions: Conditions, cases: Sequence[Case], elsewhere: str) -> str:
    return json.dumps(
        {
            "root": str(config.root),
            "timeout_s": config.timeout_s,
            "workers": [dataclasses.asdict(worker) for worker in config.workers],
            "conditions": conditions.as_data(),
            "elsewhere": elsewhere,
            "histories": [{"path": str(case.path), "worker": case.worker} for case in cases],
        }
    )


class _NoAnswer(Exception):
    """The process ended, or does not answer."""


class _Process:
    """A process that replays; killed at the end of the block, if it has not ended by then."""

    def __init__(self, conditions: Conditions, task: str) -> None:
        paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100  # "" is the current folder
        self._errors: IO[bytes] = TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, *paths],
            env={**os.environ, **conditions.variables()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
            errors="replace",
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, args=(task,), daemon=True)
        self._reader.start()

    def __enter__(self) -> _Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                with contextlib.suppress(OSError):  # a task that was never read
                    stream.close()

    def answer(self, timeout_s: float) -> dict[str, Any]:
        """The next answer.

        Raises:
            _NoAnswer: There is none within the timeout, or ever.
        """
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise _NoAnswer(f"no answer within {timeout_s:g} s") from None
        if not line:
            raise _NoAnswer(f"the process ended with {self._process.wait()}{self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _read(self, task: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):  # it ended before it read its task
            self._process.stdin.write(task)
            self._process.stdin.close()
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _last_words(self) -> str:
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 4000))
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f": {lines[-1].strip()}" if lines else ""
