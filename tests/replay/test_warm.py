"""Warm sandboxes: a run never has what another left, and without a trace the modules are kept."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from replaykit.check import Check
from replaykit.config import Config, WorkerConfig
from replaykit.verdict import Outcome, Verdict
from tests.plugin.project import FIXTURE

_numbers = itertools.count()

CODE = """
import collections
import contextvars
import functools
import itertools
import logging
import random
from datetime import timedelta

from temporalio import workflow

SOON = timedelta(seconds=10)
{above}

@workflow.defn
class DataProcessingWorkflow:
    @workflow.run
    async def run(self, source: str, queue: str | None = None) -> int:
{inside}
        rows = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=SOON)
        return await workflow.execute_activity("load_total", rows, start_to_close_timeout=SOON)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaving:
    """Code that leaves a trace in its module, and does not get far where it finds one."""

    above: str
    is_clean: str
    leave: str

    @property
    def code(self) -> str:
        lines = [f"if not ({self.is_clean}):", '    raise ValueError("not clean")', self.leave]
        if self.leave.startswith("global "):
            lines = [*self.leave.splitlines()[:1], *lines[:2], *self.leave.splitlines()[1:]]
        inside = "\n".join(f"        {line}" for text in lines for line in text.splitlines())
        return CODE.format(above=self.above, inside=inside)


TRACES = {
    "a global": Leaving(above="COUNT = 0", is_clean="COUNT == 0", leave="global COUNT\nCOUNT += 1"),
    "a class attribute": Leaving(above="class C:\n    n = 0", is_clean="C.n == 0", leave="C.n += 1"),
    "a list": Leaving(above="SEEN = []", is_clean="not SEEN", leave="SEEN.append(1)"),
    "a dict in a tuple": Leaving(above="SEEN = ({},)", is_clean="not SEEN[0]", leave="SEEN[0][1] = 1"),
    "a cache": Leaving(
        above="@functools.lru_cache\ndef double(n):\n    return [n]",
        is_clean="double.cache_info().currsize == 0",
        leave="double(1)",
    ),
    "a default argument": Leaving(
        above="def add(n, seen=[]):\n    seen.append(n)\n    return seen",
        is_clean="add(1) == [1]",
        leave="add(2)",
    ),
    "a closure": Leaving(
        above="def make():\n    n = 0\n    def step():\n        nonlocal n\n        n += 1\n"
        "        return n\n"
        "    return step\nSTEP = make()",
        is_clean="STEP() == 1",
        leave="STEP()",
    ),
    "a function that is replaced": Leaving(
        above="def rate():\n    return 1", is_clean="rate() == 1", leave="global rate\nrate = lambda: 2"
    ),
    "code of a function that is replaced": Leaving(
        above="def rate():\n    return 1\n\ndef other():\n    return 2",
        is_clean="rate() == 1",
        leave="rate.__code__ = other.__code__",
    ),
    "a singleton": Leaving(
        above="class Registry:\n    def __init__(self):\n        self.names = set()\nREGISTRY = Registry()",
        is_clean="not REGISTRY.names",
        leave='REGISTRY.names.add("x")',
    ),
    "a counter": Leaving(
        above="COUNTER = itertools.count()", is_clean="next(COUNTER) == 0", leave="next(COUNTER)"
    ),
    "a context variable": Leaving(
        above='VALUE = contextvars.ContextVar("value", default=0)',
        is_clean="VALUE.get() == 0",
        leave="VALUE.set(1)",
    ),
    "a filter of a logger": Leaving(
        above="LOG = logging.getLogger(__name__)",
        is_clean="not LOG.filters",
        leave="LOG.addFilter(lambda r: True)",
    ),
    "a subclass": Leaving(
        above="class Base:\n    pass",
        is_clean="not Base.__subclasses__()",
        leave='Base.kept = type("Made", (Base,), {})',
    ),
    "bytes in place": Leaving(
        above="BUFFER = bytearray(2)", is_clean="BUFFER[0] == 0", leave="BUFFER[0] = 1"
    ),
    "a deque": Leaving(above="D = collections.deque()", is_clean="not D", leave="D.append(1)"),
    "a generator of numbers": Leaving(
        above="R = random.Random(1)", is_clean="R.random() < 0.14", leave="R.random()"
    ),
    "a module imported late": Leaving(
        above="",
        is_clean="True",
        leave="import replaykit_late_module\n"
        "if replaykit_late_module.SEEN:\n    raise ValueError('not clean')\n"
        "replaykit_late_module.SEEN.append(1)",
    ),
}


def judged(folder: Path, code: str, *, warm: bool, times: int = 4) -> tuple[list[Verdict], int]:
    """The Verdicts of so many replays, and how many of these had the modules of an earlier one."""
    module = f"warm_flows_{next(_numbers)}"
    (folder / f"{module}.py").write_text(code)
    (folder / "replaykit_late_module.py").write_text("SEEN = []\n")
    worker = WorkerConfig(workflows=(module,), path=(str(folder),))
    config = Config(root=folder, workers=(worker,), shared=worker, warm=warm)
    with Check(config) as check:
        verdicts = [check.judge(FIXTURE, name=str(number)) for number in range(times)]
        (session,) = check._sessions.values()
        return [replace(verdict, duration_s=0) for verdict in verdicts], session.warmth.reused


def test_without_a_trace_the_modules_are_kept(tmp_path: Path) -> None:
    code = CODE.format(above='NAMES = {"a": [1, 2]}', inside="        assert NAMES")
    verdicts, reused = judged(tmp_path, code, warm=True)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.CONSISTENT] * 4
    assert reused == 3
    assert judged(tmp_path, code, warm=False)[1] == 0


@pytest.mark.parametrize("name", TRACES)
def test_no_run_has_what_another_left(tmp_path: Path, name: str) -> None:
    warm, _ = judged(tmp_path, TRACES[name].code, warm=True)
    fresh, _ = judged(tmp_path, TRACES[name].code, warm=False)
    assert [v.outcome for v in warm] == [v.outcome for v in fresh]
    assert warm[0].outcome is Outcome.CONSISTENT, warm[0].message
