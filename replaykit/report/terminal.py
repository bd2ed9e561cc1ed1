"""The report at the terminal: a table per workflow type, a block per failure, one closing line."""

from __future__ import annotations

import dataclasses
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from replaykit.report.corpus_rows import finding_blocks, self_test_block
from replaykit.report.perturbation_rows import perturbation_block
from replaykit.report.rows import WIDTH, AnyRow, styled_lines
from replaykit.report.summary import HINTS, has_hints, ignored_line, summary_line
from replaykit.report.verdict_rows import COLOURS, block_of
from replaykit.verdict import Outcome, Report, Verdict
from replaykit.visible import visible, visible_pieces

__all__ = ["make_console", "print_report", "print_rows"]


def make_console(out: TextIO | None = None) -> Console:
    """A console that colours only a terminal, honours NO_COLOR, and never breaks a path in two."""
    console = Console(file=out or sys.stdout, highlight=False, soft_wrap=True)
    console.push_render_hook(_Visible())
    return console


class _Visible(RenderHook):
    """Shows what the terminal, or a CI service that reads along, would obey in whatever is printed."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(renderable) for renderable in renderables]


class _Shown:
    """A renderable whose text is made visible once it is laid out in lines."""

    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        line: list[Segment] = []
        for segment in console.render(self._renderable, options):
            head, newline, rest = segment.text.partition("\n")
            while newline:
                yield from _shown([*line, Segment(head, segment.style)])
                yield Segment.line()
                line = []
                head, newline, rest = rest.partition("\n")
            if head:
                line.append(Segment(head, segment.style))
        yield from _shown(line)


def _shown(line: Sequence[Segment]) -> Iterator[Segment]:
    texts = visible_pieces([segment.text for segment in line])
    return (Segment(text, segment.style) for text, segment in zip(texts, line, strict=True) if text)


def print_rows(rows: Iterable[AnyRow], console: Console, *, width: int = WIDTH) -> None:
    """Print rows, each in its style.

    Args:
        rows: What to print.
        console: From `make_console`.
        width: Columns, as of `plain_lines`.
    """
    for spans in styled_lines(rows, width=width):
        console.print(Text.assemble(*spans))


def print_report(report: Report, console: Console, *, verbose: bool = False) -> None:
    """Print a Report: its Verdicts, and whatever else was asked of the check.

    Args:
        report: What to show.
        console: From `make_console`.
        verbose: Core's own texts and the tracebacks of workflow code too.
    """
    console.print(_table(report))
    for verdict in _each_cure_once(report.verdicts):
        if not verdict.is_consistent:
            console.print()
            print_rows(block_of(verdict, verbose=verbose).whole, console)
    console.print()
    counts = {outcome: report.count(outcome) for outcome in Outcome}
    worst = next((o for o in (Outcome.DIVERGED, Outcome.UNJUDGED, Outcome.DRIFTED) if counts[o]), None)
    style = COLOURS[worst or Outcome.CONSISTENT]
    line = summary_line(
        counts, report.commands_compared, report.duration_s, strict=report.strict, kept=report.kept
    )
    console.print(Text(line, style=f"bold {style}"))
    if ignored := ignored_line(report.ignored_by_preset):
        console.print(Text(ignored))
    if has_hints(report.verdicts):
        console.print(Text(HINTS))
    _print_besides(report, console)


def _print_besides(report: Report, console: Console) -> None:
    """What a Report holds beside its Verdicts; nothing where there is nothing."""
    if report.findings:
        console.print()
        for block in finding_blocks(report.findings):
            print_rows(block.whole, console)
    if report.self_test is not None:
        console.print()
        print_rows(self_test_block(report.self_test).whole, console)
    if report.perturbation is not None:
        console.print()
        print_rows(perturbation_block(report.perturbation).whole, console)


def _each_cure_once(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """The Verdicts; in place of a cure that is shown above already, the name of the History it is at."""
    shown: dict[tuple[object, ...], str] = {}
    for verdict in verdicts:
        divergence = verdict.divergence
        if divergence is None or not divergence.suggestion:
            yield verdict
            continue
        kind = (divergence.recorded or "").partition(" ")[0]
        cure = (verdict.workflow_type, kind, divergence.source, divergence.suggestion)
        if cure in shown:
            same = f"as above, at {shown[cure]}"
            divergence = dataclasses.replace(divergence, suggestion=same)
            verdict = dataclasses.replace(verdict, divergence=divergence)
        else:
            shown[cure] = verdict.history.rpartition("/")[2]
        yield verdict


def _table(report: Report) -> Table:
    grouped: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in report.verdicts:
        grouped[verdict.workflow_type or "(unreadable)"].append(verdict)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("workflow", overflow="fold")
    table.add_column("histories", justify="right")
    table.add_column("outcome")
    table.add_column("commands compared", justify="right")
    for name, verdicts in grouped.items():
        outcomes = Text(", ").join(
            Text(f"{count} {outcome}" if count < len(verdicts) else outcome.value, style=COLOURS[outcome])
            for outcome in Outcome
            if (count := sum(verdict.outcome is outcome for verdict in verdicts))
        )
        commands = sum(verdict.commands_compared for verdict in verdicts)
        table.add_row(Text(visible(name)), str(len(verdicts)), outcomes, str(commands))
    return table
