"""`replaykit explore`: look for histories that break the code."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import click

from replaykit.cli.dated_stories import DatedStories
from replaykit.cli.options import checked_outputs, configured, workflow_options, write_all
from replaykit.cli.progress import ExploringLine
from replaykit.cli.streams import reader_may_leave, say, say_error, to_stderr
from replaykit.errors import ReplaykitError
from replaykit.report.document import Document
from replaykit.report.rows import BLANK, Head

if TYPE_CHECKING:
    from replaykit.explore.run import ExploreRun
    from replaykit.explore.searching.futures import Future
    from replaykit.explore.searching.summary import Explored
    from replaykit.report.rows import AnyRow

__all__ = ["explore_command"]

_MOST_PRINTED = 2_000
"""Characters of what the code prints that are kept."""


@click.command("explore")
@click.argument("names", nargs=-1, metavar="[WORKFLOW]...")
@workflow_options
@click.option(
    "--base", metavar="REV", help="Grow histories by the code of that revision, and replay them on this one."
)
@click.option(
    "--from",
    "recorded",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH",
    help="Go on with recorded histories under this code: does each come to its end? Repeatable.",
)
@click.option(
    "--time",
    "seconds",
    type=click.FloatRange(min=0.1, max=86_400),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to look, over all workflows.",
)
@click.option(
    "--scenarios", type=click.IntRange(min=1), metavar="N", help="At most so many for each workflow."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed looks elsewhere.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write the history of each finding there as a fixture.",
)
@click.option(
    "--json", "json_file", metavar="FILE", help="Write what was found as JSON; - for standard output."
)
@click.option("-v", "--verbose", is_flag=True, help="What the code prints and logs, on standard error.")
def explore_command(
    names: tuple[str, ...],
    workflows: tuple[str, ...],
    worker: str | None,
    base: str | None,
    recorded: tuple[Path, ...],
    seconds: float,
    scenarios: int | None,
    seed: int,
    keep: Path | None,
    json_file: str | None,
    verbose: bool,
) -> int:
    """Look for histories that break the code of WORKFLOW; of every configured one by default.

    With --base: histories of the base's code that diverge under this one. With --from: futures of recorded
    runs. With neither: histories that diverge under the very code that made them.

    Exit codes: 0 nothing found; 1 something found; 2 nothing was explored, or a workflow or a recorded run
    gave no verdict.
    """
    if base is not None and recorded:
        raise click.UsageError("--base and --from look for different things: give one of them.")
    _ensure_installed()
    from replaykit.explore.rows import document_of
    from replaykit.explore.run import Effort, run_explore
    from replaykit.report.outputs import Outputs

    outputs = Outputs().also(Document, {"json": json_file})
    line = ExploringLine(seconds=seconds, scenarios=scenarios)
    quiet = checked_outputs(outputs, keep=[keep] if keep is not None else [])
    config = configured(workflows, worker)
    dated = DatedStories(config, base)
    terminal = _Terminal(line, dated, quiet=quiet)
    printed = _Printed(is_shown=verbose)
    with contextlib.ExitStack() as ending:
        ending.push(printed.shown_for)
        ending.callback(line.hide)
        found = run_explore(
            config,
            names,
            Effort(seconds=seconds, scenarios=scenarios, seed=seed),
            base=base,
            recorded=recorded,
            keep=keep,
            watcher=terminal,
            on_output=printed.add,
            on_scenarios=line.show,
        )
    found = replace(found, explored=tuple(map(dated, found.explored)))
    terminal.finish(found)
    with reader_may_leave():
        write_all(outputs, config, document_of(found))
        sys.stdout.flush()
    if found.is_empty:
        say_error("nothing was explored.")
    return found.exit_code


class _Printed:
    """What the code prints and logs: a line of each task of each scenario, which nobody reads.

    The last of it is shown where the code cannot be loaded: there it may say why.
    """

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._last = b""

    def add(self, output: bytes) -> None:
        """It prints."""
        if self._is_shown:
            to_stderr(output)
        else:
            self._last = (self._last + output)[-_MOST_PRINTED:]

    def shown_for(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Show the last of it if this is an error of ours."""
        if isinstance(error, ReplaykitError) and self._last:
            to_stderr(self._last)


class _Terminal:
    """Prints what comes of an exploration, unless standard output is for the JSON."""

    def __init__(self, line: ExploringLine, dated: DatedStories, *, quiet: bool) -> None:
        self._line = line
        self._dated = dated
        self._quiet = quiet

    def explored(self, explored: Explored, root: Path, kept: Mapping[str, Path]) -> None:
        from replaykit.explore.rows import rows_of_explored

        self._print(rows_of_explored(self._dated(explored), root, kept))

    def future(self, future: Future, kept: Mapping[str, Path]) -> None:
        from replaykit.explore.rows import rows_of_future

        self._print(rows_of_future(future, kept))

    def note(self, message: str) -> None:
        self._line.hide()
        say(message, err=True)

    def finish(self, found: ExploreRun) -> None:
        """Print the last line."""
        from replaykit.explore.rows import totals

        self._print([BLANK, Head(text=totals(found), style="bold")])

    def _print(self, rows: Iterable[AnyRow]) -> None:
        from replaykit.report.terminal import make_console, print_rows

        self._line.hide()
        if not self._quiet:
            with reader_may_leave():
                print_rows(rows, make_console())
                sys.stdout.flush()


def _ensure_installed() -> None:
    if importlib.util.find_spec("hypothesis") is None:
        raise click.UsageError(
            "exploring needs Hypothesis. Install it: pip install 'temporal-replaykit[explore]'"
        )
