"""`python -m tests.explore.bases`: the command `replaykit explore --base` over all pairs, with a table.

A git repository holds the pairs' code. The base's configuration names the old class of a pair, the head's
the new one; no recorded History is there.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import click

from tests.explore.test_pairs import OLD, OTHER_FUTURES
from tests.gate.repository import Repository
from tests.pairs.pair import ROOT, Pair
from tests.pairs.table import PAIRS

_CODE = Path("tests/pairs/code")


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What the command reported for one pair."""

    pair: Pair
    exit_code: int
    seconds: float
    output: str

    @property
    def is_right(self) -> bool:
        """A break is reported, and a safe change passes unless another future of it is known to break."""
        return self.exit_code in ({1} if self.pair.diverges else {0, self.pair.new in OTHER_FUTURES})


_VALUES = """from replaykit.explore import Values

values = Values(activities={name: name for name in ("reserve", "charge")})
"""
"""What the recorded activities answer: their own names."""


def _repository(folder: Path) -> Repository:
    shutil.copytree(ROOT / _CODE, folder / _CODE, ignore=shutil.ignore_patterns("__pycache__"))
    for package in (Path("tests"), Path("tests/pairs")):
        (folder / package / "__init__.py").touch()
    (folder / "given.py").write_text(_VALUES)
    return Repository(folder)


def _configured(repository: Repository, workflow: type) -> None:
    configuration = f"""[tool.replaykit]
workflows = ["{workflow.__module__}:{workflow.__qualname__}"]
explore = {{ values = "given:values" }}
"""
    (repository.root / "pyproject.toml").write_text(configuration)


async def _explored(repository: Repository, pair: Pair, seconds: float, scenarios: int) -> Result:
    _configured(repository, OLD[pair.history.workflow_type or ""])
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--allow-empty", "--message", pair.new)
    _configured(repository, pair.workflow)
    result = await _result(repository, pair, seconds, scenarios)
    if pair.diverges and not result.is_right:
        return await _result(repository, pair, seconds, None)
    return result


async def _result(repository: Repository, pair: Pair, seconds: float, scenarios: int | None) -> Result:
    began = time.perf_counter()
    limits = ["--time", str(seconds), *(["--scenarios", str(scenarios)] if scenarios is not None else [])]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "replaykit", "explore", "--base", "HEAD", *limits),
        cwd=repository.root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return Result(
        pair=pair, exit_code=process.returncode, seconds=time.perf_counter() - began, output=output.decode()
    )


async def _results(seconds: float, scenarios: int, at_once: int) -> AsyncIterator[Result]:
    waiting = list(reversed(PAIRS))
    done: asyncio.Queue[Result] = asyncio.Queue()

    async def work(folder: Path) -> None:
        repository = _repository(folder)
        while waiting:
            done.put_nowait(await _explored(repository, waiting.pop(), seconds, scenarios))

    with tempfile.TemporaryDirectory() as folder:
        workers = [asyncio.create_task(work(Path(folder) / str(number))) for number in range(at_once)]
        for _ in PAIRS:
            yield await done.get()
        await asyncio.gather(*workers)


async def _all(seconds: float, scenarios: int, at_once: int) -> list[Result]:
    results = []
    async for result in _results(seconds, scenarios, at_once):
        results.append(result)
        click.echo(f"\r{len(results)} of {len(PAIRS)}", nl=False, err=True)
        if not result.is_right:
            click.echo(f"--- {result.pair.new}: exit code {result.exit_code}\n{result.output}")
    return results


@click.command()
@click.option("--time", "seconds", default=60.0, show_default=True, help="For each pair that diverges.")
@click.option("--scenarios", default=40, show_default=True, help="For each pair; without a find, no limit.")
@click.option("--at-once", default=2, show_default=True)
def main(seconds: float, scenarios: int, at_once: int) -> None:
    """Run the command on every pair."""
    results = asyncio.run(_all(seconds, scenarios, at_once))
    unsafe = [result for result in results if result.pair.diverges]
    safe = [result for result in results if not result.pair.diverges]
    click.echo(f"{sum(r.is_right for r in unsafe)} of {len(unsafe)} diverging pairs found")
    slowest = max((r for r in unsafe if r.is_right), key=lambda result: result.seconds)
    click.echo(f"the slowest, {slowest.pair.new}: {slowest.seconds:.1f} s with the start of the process")
    others = sorted(r.pair.new for r in safe if r.exit_code == 1 and r.is_right)
    alarms = sum(not r.is_right for r in safe)
    click.echo(f"{alarms} false alarms on {len(safe)} safe pairs; another future breaks: {', '.join(others)}")
    sys.exit(int(any(not result.is_right for result in results)))


if __name__ == "__main__":
    main()
