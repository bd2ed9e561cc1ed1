"""The result of perturbed replays as a block: what both doors print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from replaykit.report.phrases import counted, place_in_code
from replaykit.report.rows import BLANK, AnyRow, Block, Head, Line, Row
from replaykit.verdict import BrokenRun, Instability, Perturbation

__all__ = ["perturbation_block"]

_STYLES = {0: "bold green", 1: "bold red", 2: "bold magenta"}
_SHOWN = 3
"""Histories with one and the same finding that are named; the JSON report has them all."""


def perturbation_block(perturbation: Perturbation) -> Block:
    """All of it: one line where nothing differs, else rows for each finding."""
    rows: list[AnyRow] = []
    alike: dict[object, list[Instability]] = defaultdict(list)
    for each in perturbation.instabilities:
        alike[each.workflow_type, each.axis, each.source, each.field].append(each)
    for first, *others in alike.values():
        rows += [BLANK, *_instability(first, others)]
    if perturbation.broken:
        rows += [BLANK, *(row for broken in perturbation.broken for row in _broken(broken))]
    head = Head(text=_headline(perturbation), style=_STYLES[perturbation.exit_code])
    return Block(head=head, rows=tuple(rows))


def _headline(perturbation: Perturbation) -> str:
    count, rounds = perturbation.histories, perturbation.rounds
    if not count and not perturbation.broken:
        return "perturbed: nothing: no worker runs the workflow of any of the histories"
    what = f"{counted(count, 'history', 'histories')} in {counted(rounds, 'round')}"
    time = f"{perturbation.duration_s:.1f} s"
    if perturbation.instabilities:
        unstable = len({each.history for each in perturbation.instabilities})
        return f"perturbed: {unstable} of {what} did not come out the same; {time}"
    if perturbation.broken:
        runs = counted(len(perturbation.broken), "replay")
        return f"perturbed: {what}, but {runs} gave no answer; {time}"
    return f"perturbed: {what}, all came out the same; {time}"


def _instability(each: Instability, others: Sequence[Instability]) -> Iterator[AnyRow]:
    """The rows of a finding; with the names of other histories in which it is the same line's."""
    yield Line(text=f"{each.history}: depends on: {each.axis}")
    if each.workflow_type:
        yield _row("workflow", each.workflow_type)
    yield _row("changed", each.changed)
    if (place := _place(each)) is not None:
        yield _row("at", place)
    if each.source is not None:
        yield _row("line", place_in_code(each.source))
    yield _row("before", each.usual)
    yield _row("then", each.perturbed)
    yield _row("hint", each.cure)
    if others:
        names = ", ".join(other.history for other in others[:_SHOWN])
        more = f", and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        yield _row("also in", f"{names}{more}")


def _place(each: Instability) -> str | None:
    if each.command is None:
        return None
    event = f" (event {each.event_id})" if each.event_id is not None else ""
    return f"command {each.command}{event}" + (f", {each.field}" if each.field else "")


def _broken(broken: BrokenRun) -> Iterator[AnyRow]:
    where = f"{broken.history}: " if broken.history is not None else ""
    yield Line(text=f"{where}no answer, changed: {broken.axis}")
    yield _row("why", broken.message)


def _row(label: str, text: str) -> Row:
    return Row(label=label, text=" ".join(text.split()))
