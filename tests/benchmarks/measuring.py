"""Ways to do one thing, timed in turns: a busy machine slows them all alike, and the ratios stay."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Measured", "Way", "measured", "table"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One way to do it."""

    name: str
    run: Callable[[], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What each round of a way took, in seconds."""

    name: str
    cpu: tuple[float, ...]
    """By default of all threads of the process."""
    wall: tuple[float, ...]


def measured(
    ways: Sequence[Way], *, rounds: int, cpu: Callable[[], float] = time.process_time
) -> list[Measured]:
    """Run every way once a round, each round beginning with another one; an unmeasured round goes first.

    Args:
        ways: The first is what the others are compared with.
        rounds: How often.
        cpu: The clock of the CPU time, in seconds; another one where the work is done by other processes.
    """
    for way in ways:
        way.run()
    times: dict[str, list[tuple[float, float]]] = {way.name: [] for way in ways}
    for number in range(rounds):
        first = number % len(ways)
        for way in (*ways[first:], *ways[:first]):
            gc.collect()
            cpu_before, wall_before = cpu(), time.perf_counter()
            way.run()
            times[way.name].append((cpu() - cpu_before, time.perf_counter() - wall_before))
    return [
        Measured(name=name, cpu=tuple(own for own, _ in each), wall=tuple(wall for _, wall in each))
        for name, each in times.items()
    ]


def table(title: str, results: Sequence[Measured]) -> str:
    """The results as text.

    A ratio is the median of each round's own, to the first way of that round; that of the least CPU time,
    which a busy machine disturbs least, is one of the least times.
    """
    base = results[0]
    width = max(len(result.name) for result in results)
    lines = [
        f"{title}, {len(base.cpu)} round{'' if len(base.cpu) == 1 else 's'}",
        f"{'':{width}}  {'CPU':>8}  {'ratio':>6}  {'least':>8}  {'ratio':>6}  {'wall':>8}  {'ratio':>6}",
    ]
    for result in results:
        cells = (
            (median(result.cpu), _ratio(result.cpu, base.cpu)),
            (min(result.cpu), min(result.cpu) / min(base.cpu)),
            (median(result.wall), _ratio(result.wall, base.wall)),
        )
        row = "  ".join(f"{seconds * 1000:5.0f} ms  {ratio:6.3f}" for seconds, ratio in cells)
        lines.append(f"{result.name:<{width}}  {row}")
    return "\n".join(lines)


def _ratio(times: Sequence[float], base: Sequence[float]) -> float:
    return median(own / other for own, other in zip(times, base, strict=True))
