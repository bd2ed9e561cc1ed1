"""`python -m tests.fix.pairs`: `replaykit fix --apply` over every pair that diverges, as a table.

Each pair is a git repository of its own: the old code and its recorded history on `main`, the new code on a
branch. What was cured is replayed strictly afterwards, by the command, from the files.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from tests.fix.pasting import Pasting
from tests.fix.sides import FILE, fixture_of, sides_of
from tests.gate.repository import Repository
from tests.pairs.pair import ROOT, Pair
from tests.pairs.table import PAIRS

__all__ = ["Result", "fixed", "repository_of"]

_VALUES = """from replaykit.explore import Values

values = Values(activities={name: name for name in ("reserve", "charge")})
"""
"""What the recorded activities answer: their own names."""
_PROJECT = """[tool.replaykit]
workflows = ["flows:Flow"]
explore = { values = "given:values" }
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What the command came to for one pair."""

    pair: Pair
    exit_code: int
    strict_exit_code: int | None
    """Of `replaykit replay --strict` afterwards; None where nothing was applied."""
    new_runs: int
    reasons: tuple[str, ...]
    by_hint: bool
    """Whether it replays strictly with the code of its hint pasted."""

    @property
    def is_cured(self) -> bool:
        return self.exit_code == 0 and self.strict_exit_code == 0


def repository_of(folder: Path, pair: Pair) -> Repository:
    """A repository with a pair's change checked out on a branch."""
    base, head = sides_of(pair)
    (folder / "histories").mkdir(parents=True)
    shutil.copy(fixture_of(pair), folder / "histories")
    (folder / "given.py").write_text(_VALUES)
    (folder / "pyproject.toml").write_text(_PROJECT)
    (folder / FILE).write_text(base)
    repository = Repository(folder)
    repository.commit("base")
    repository.git("checkout", "--quiet", "-b", "change")
    (folder / FILE).write_text(head)
    repository.commit("change")
    return repository


async def fixed(folder: Path, pair: Pair, pasting: Pasting) -> Result:
    """Have the command cure a pair, and replay it; and the same with the hint that it takes the place of."""
    repository_of(folder, pair)
    code = await _run(folder, "fix", "--apply", "--json", "fix.json")
    report = json.loads((folder / "fix.json").read_text()) if (folder / "fix.json").exists() else {}
    cure = report.get("cure") or {}
    return Result(
        pair=pair,
        exit_code=code,
        strict_exit_code=await _run(folder, "replay", "--strict") if code == 0 else None,
        new_runs=cure.get("tried", {}).get("new_runs", 0),
        reasons=tuple(each["reason"] for each in report.get("broken", ()) if each["reason"]),
        by_hint=pasting.is_cure(pair),
    )


async def _run(folder: Path, *arguments: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "replaykit", *arguments),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


async def _all(at_once: int, names: list[str]) -> list[Result]:
    waiting = [p for p in reversed(PAIRS) if p.diverges and (not names or any(n in p.new for n in names))]
    results: list[Result] = []

    async def work(folder: Path) -> None:
        while waiting:
            pair = waiting.pop()
            result = await fixed(folder / pair.new, pair, pasting)
            results.append(result)
            if not result.is_cured:
                click.echo(f"{pair.new}: exit code {result.exit_code}; {'; '.join(result.reasons)}")

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as flat:
        sys.path.insert(0, flat)
        pasting = Pasting(Path(flat))
        await asyncio.gather(*(work(Path(folder, str(number))) for number in range(at_once)))
    return results


@click.command()
@click.argument("names", nargs=-1)
@click.option("--at-once", default=2, show_default=True)
def main(names: tuple[str, ...], at_once: int) -> None:
    """Print what the command came to, for each module of pairs; those that were not cured are named."""
    results = asyncio.run(_all(at_once, list(names)))
    counts = [
        _by_room(some)
        for some in (
            results,
            (each for each in results if each.by_hint),
            (each for each in results if each.is_cured),
            (each for each in results if each.new_runs),
        )
    ]
    cured = counts[2].total()
    _print_row("change", "pairs", "hint pasted", "fix --apply", "new runs compared")
    _print_row("---", *(["---:"] * len(counts)))
    for room in counts[0]:
        _print_row(room.replace("_", " "), *(count[room] for count in counts))
    _print_row("all", *(count.total() for count in counts))
    sys.exit(0 if results and cured >= 0.98 * len(results) else 1)


def _by_room(results: Iterable[Result]) -> Counter[str]:
    return Counter(result.pair.new.partition(".")[0] for result in results)


def _print_row(*cells: object) -> None:
    click.echo(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
