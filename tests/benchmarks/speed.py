"""How fast histories are judged: whole commands over generated corpora, the SDK's own loops, and the floor.

Each way is a process of its own, as at the terminal: its start and its imports count. The floor is also shown
without them, as the work alone: an unsandboxed Replayer that is fed with histories which were decoded before,
shared out evenly to the cores. CPU is that of all processes of a way.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.corpora import SHAPES, write_corpus
from tests.benchmarks.measuring import Way, measured, table

__all__ = ["CORPORA", "Corpus", "compared", "run"]

_ROOT = Path(__file__).parents[2]
_LOOP = '''"""The loops that people write: a Replayer for each history, one for all, a batch; the floor."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from flows import Steps

WAY = sys.argv[1]


def histories():
    for path in sorted(Path("histories").rglob("*.json")):
        yield WorkflowHistory.from_json(path.stem, json.loads(path.read_text()))


async def main() -> None:
    if WAY == "each":
        for history in histories():
            await Replayer(workflows=[Steps]).replay_workflow(history)
        return
    if WAY == "one":
        replayer = Replayer(workflows=[Steps])
        for history in histories():
            await replayer.replay_workflow(history)
        return
    runner = {"workflow_runner": UnsandboxedWorkflowRunner()} if WAY == "floor" else {}
    decoded = list(histories()) if WAY == "floor" else histories()

    async def fed():
        for history in decoded:
            yield history

    began = time.perf_counter()
    results = await Replayer(workflows=[Steps], build_id="b", **runner).replay_workflows(fed())
    assert not results.replay_failures
    print(time.perf_counter() - began)


asyncio.run(main())
sys.stdout.flush()
os._exit(0)  # the SDK's threads can abort the interpreter's exit while they work
'''


@dataclass(frozen=True, kw_only=True, slots=True)
class Corpus:
    """What is judged."""

    name: str
    count: int
    rounds: int = 1
    classes: int = 0
    loops: bool = True
    """Whether a Replayer for each history is measured too, and pytest: both take long."""


CORPORA = (
    Corpus(name=f"1,000 histories of 17 events, {SHAPES} shapes", count=1000),
    Corpus(name="200 histories, a module of 150 dataclasses", count=200, classes=150, loops=False),
    Corpus(name="40 histories, a module of 1,000 dataclasses", count=40, classes=1000, loops=False),
    Corpus(name="one history of 605 events", count=1, rounds=50, loops=False),
    Corpus(name="one history of 6,005 events", count=1, rounds=500, loops=False),
    Corpus(name="one history of 24,005 events", count=1, rounds=2000, loops=False),
)


def run(rounds: int) -> Iterator[str]:
    """A table for each corpus, as soon as it is there: all of them take minutes for each round."""
    with tempfile.TemporaryDirectory() as folder:
        for number, corpus in enumerate(CORPORA):
            yield f"{compared(corpus, Path(folder) / str(number), rounds=rounds)}\n"


def compared(corpus: Corpus, folder: Path, *, rounds: int) -> str:
    """The table of one corpus.

    Args:
        corpus: It.
        folder: Where its project is made.
        rounds: How often.
    """
    write_corpus(folder, count=corpus.count, rounds=corpus.rounds, classes=corpus.classes)
    (folder / "loop.py").write_text(_LOOP)
    replaykit = [sys.executable, "-m", "replaykit", "replay"]
    pytest = [sys.executable, "-m", "pytest", "-q", "--replay-histories", "histories"]
    floors: list[float] = []
    ways = [
        _way("SDK, batch", [sys.executable, "loop.py", "batch"], folder),
        _way("SDK, one Replayer", [sys.executable, "loop.py", "one"], folder),
        _way("replaykit replay", replaykit, folder),
        _way("replaykit replay --sandbox fresh", [*replaykit, "--sandbox", "fresh"], folder),
        _way("replaykit replay --strict", [*replaykit, "--strict"], folder),
        _way("floor", [sys.executable, "loop.py", "floor"], folder, lambda text: floors.append(float(text))),
    ]
    if corpus.loops:
        ways.append(_way("SDK, a Replayer each", [sys.executable, "loop.py", "each"], folder))
        ways += [_way(f"pytest -n {n}", [*pytest, "-n", str(n)], folder) for n in (0, 2)]
    results = measured(ways, rounds=rounds, cpu=_cpu_of_children)
    cores = len(os.sched_getaffinity(0))
    alone = median(floors)
    floor = f"floor, the work alone: {alone:.2f} s on one core, {alone / cores:.2f} s on {cores}"
    return f"{table(f'speed, {corpus.name}', results)}\n{floor}"


def _way(
    name: str, command: Sequence[str], folder: Path, take: Callable[[str], object] = lambda text: None
) -> Way:
    environ = _environ()

    def run() -> None:
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        take(done.stdout)

    return Way(name=name, run=run)


def _environ() -> Mapping[str, str]:
    """As at a terminal: what Python compiles it keeps."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**environ, "PYTHONPATH": str(_ROOT)}


def _cpu_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system
