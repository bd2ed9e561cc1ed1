"""What perturbed replays said as plain lines: what both doors print."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from replaykit.verdict import BrokenRun, Instability, Perturbation

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["perturbation_lines", "print_perturbation"]

_WIDTH = 80
_INDENT = 12
_SHOWN = 3
"""Histories with one and the same finding that are named; the JSON report has them all."""


def print_perturbation(perturbation: Perturbation, console: Console) -> None:
    """Print the answer: a line where nothing differs, else a block for each finding."""
    from rich.text import Text

    style = {0: "green", 1: "red", 2: "magenta"}[perturbation.exit_code]
    first, *rest = perturbation_lines(perturbation)
    console.print()
    console.print(Text(first, style=f"bold {style}"))
    for line in rest:
        console.print(Text(line))


def perturbation_lines(perturbation: Perturbation) -> list[str]:
    """All of it; the first line stands for all where there is room for one."""
    lines = [_headline(perturbation)]
    alike: dict[object, list[Instability]] = defaultdict(list)
    for each in perturbation.instabilities:
        alike[each.workflow_type, each.axis, each.source, each.field].append(each)
    for first, *others in alike.values():
        lines += ["", *_instability(first, others)]
    if perturbation.broken:
        lines += ["", *(line for broken in perturbation.broken for line in _broken(broken))]
    return lines


def _headline(perturbation: Perturbation) -> str:
    count, rounds = perturbation.histories, perturbation.rounds
    if not count and not perturbation.broken:
        return "perturbed: nothing: no worker runs the workflow of any of the histories"
    what = f"{_count(count, 'history', 'histories')} in {_count(rounds, 'round', 'rounds')}"
    time = f"{perturbation.duration_s:.1f} s"
    if perturbation.instabilities:
        unstable = len({each.history for each in perturbation.instabilities})
        return f"perturbed: {unstable} of {what} did not come out the same; {time}"
    if perturbation.broken:
        runs = _count(len(perturbation.broken), "replay", "replays")
        return f"perturbed: {what}, but {runs} gave no answer; {time}"
    return f"perturbed: {what}, all came out the same; {time}"


def _instability(each: Instability, others: Sequence[Instability]) -> Iterator[str]:
    """The block of a finding; with the names of other histories in which it is the same line's."""
    yield f"{each.history}: depends on: {each.axis}"
    if each.workflow_type:
        yield from _row("workflow", each.workflow_type)
    yield from _row("changed", each.changed)
    if (place := _place(each)) is not None:
        yield from _row("at", place)
    if each.source is not None:
        yield from _row("line", f"{each.source.file}:{each.source.line} in {each.source.function}")
    yield from _row("before", each.usual)
    yield from _row("then", each.perturbed)
    yield from _row("cure", each.cure)
    if others:
        names = ", ".join(other.history for other in others[:_SHOWN])
        more = f", and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        yield from _row("also in", f"{names}{more}")


def _place(each: Instability) -> str | None:
    if each.command is None:
        return None
    event = f" (event {each.event_id})" if each.event_id is not None else ""
    return f"command {each.command}{event}" + (f", {each.field}" if each.field else "")


def _broken(broken: BrokenRun) -> Iterator[str]:
    where = f"{broken.history}: " if broken.history is not None else ""
    yield f"{where}no answer, changed: {broken.axis}"
    yield from _row("why", broken.message)


def _row(label: str, text: str) -> list[str]:
    head = f"  {label:<{_INDENT - 2}}"
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=head,
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
