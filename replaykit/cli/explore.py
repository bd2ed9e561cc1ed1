"""`replaykit explore`: look for histories that break the code."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from replaykit.cli.options import checked_outputs, configured, workflow_options, write_all
from replaykit.cli.streams import reader_may_leave
from replaykit.report.document import Document
from replaykit.report.rows import BLANK, Head

if TYPE_CHECKING:
    from replaykit.config import Config
    from replaykit.explore.searching.futures import Future
    from replaykit.explore.searching.summary import Explored, Story
    from replaykit.explore.workflows import ExploredWorkflow
    from replaykit.history import History
    from replaykit.report.outputs import Outputs
    from replaykit.report.rows import AnyRow

__all__ = ["explore_command"]


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
) -> int:
    """Look for histories that break the code of WORKFLOW; of every configured one by default.

    With --base: histories of the base's code that diverge under this one. With --from: futures of recorded
    runs. With neither: histories that diverge under the very code that made them.
    """
    if base is not None and recorded:
        raise click.UsageError("--base and --from look for different things: give one of them.")
    _ensure_installed()
    # Grown runs end in the middle of handlers now and then: the SDK warns of each.
    warnings.simplefilter("ignore")
    from replaykit.explore.workflows import workflows_of
    from replaykit.report.outputs import Outputs

    outputs = Outputs().also(Document, {"json": json_file})
    alone = checked_outputs(outputs)
    config = configured(workflows, worker)
    subjects = workflows_of(config, names)
    asked = _Asked(seconds=seconds, scenarios=scenarios, seed=seed, keep=keep, quiet=alone)
    if base is not None:
        _across(config, subjects, base, asked)
    elif recorded:
        _futures(config, subjects, recorded, asked)
    else:
        _itself(config, subjects, asked)
    return asked.finished(config, outputs, base)


@dataclass(kw_only=True)
class _Asked:
    """The options, and what has come of them."""

    seconds: float
    scenarios: int | None
    seed: int
    keep: Path | None
    quiet: bool
    explored: list[Explored] = field(default_factory=list)
    futures: list[Future] = field(default_factory=list)
    kept: dict[str, Path] = field(default_factory=dict)
    stops: dict[str, dict[str, Path]] = field(default_factory=dict)
    """By name of a recorded run and message of a stop, the fixture."""

    def tell(self, explored: Explored, root: Path) -> None:
        """Keep and print one workflow."""
        from replaykit.explore.rows import rows_of_explored
        from replaykit.history import Store

        self.explored.append(explored)
        for key, story in explored.summary.findings.items():
            if self.keep is not None and key in explored.verdicts:
                self.kept[key] = Store(self.keep).save(story.history).path
        self._print(rows_of_explored(explored, root, self.kept))

    def tell_future(self, future: Future) -> None:
        """Keep and print one recorded run."""
        from replaykit.explore.rows import rows_of_future

        self.futures.append(future)
        stops = self.stops[future.name] = {}
        if self.keep is not None:
            stops.update({message: _kept(story, self.keep) for message, story in future.wedged.items()})
        self._print(rows_of_future(future, stops))

    def _print(self, rows: Iterable[AnyRow]) -> None:
        from replaykit.report.terminal import make_console, print_rows

        if not self.quiet:
            with reader_may_leave():
                print_rows(rows, make_console())
                sys.stdout.flush()

    def finished(self, config: Config, outputs: Outputs, base: str | None) -> int:
        """Print the last line, write the JSON, and say how the process ends."""
        from replaykit.explore.rows import document_of, totals

        self._print([BLANK, Head(text=totals(self.explored, self.futures), style="bold")])
        document = document_of(self.explored, self.futures, base=base, kept=self.kept, stops=self.stops)
        with reader_may_leave():
            write_all(outputs, config, document)
            sys.stdout.flush()
        if not self.explored and not self.futures:
            click.echo("Error: nothing was explored.", err=True)
            return 2
        judged = [future for future in self.futures if not future.is_unjudged]
        if any(e.verdicts for e in self.explored) or any(f.verdict is not None or f.wedged for f in judged):
            return 1
        return 0 if len(judged) == len(self.futures) else 2


def _kept(story: Story, folder: Path) -> Path:
    """Write the history of a stop below a folder of its own: it has the name of the run that was recorded."""
    import hashlib

    from replaykit.history import Store, dump_history

    digest = hashlib.sha256(dump_history(story.history)).hexdigest()[:8]
    return Store(folder / f"stop-{digest}").save(story.history).path


def _ensure_installed() -> None:
    if importlib.util.find_spec("hypothesis") is None:
        raise click.UsageError(
            "exploring needs Hypothesis. Install it: pip install 'temporal-replaykit[explore]'"
        )


def _budget(asked: _Asked, share: int) -> Any:
    from replaykit.explore.searching.search import Budget

    return Budget(seconds=asked.seconds / max(share, 1), scenarios=asked.scenarios, findings=5, stale=400)


def _itself(config: Config, subjects: list[ExploredWorkflow], asked: _Asked) -> None:
    from replaykit.explore.searching.itself import explore_itself

    for subject in subjects:
        explored = explore_itself(config, subject, _budget(asked, len(subjects)), seed=asked.seed)
        asked.tell(explored, config.root)


def _futures(
    config: Config, subjects: list[ExploredWorkflow], paths: tuple[Path, ...], asked: _Asked
) -> None:
    from replaykit.explore.searching.futures import explore_future
    from replaykit.explore.workflows import workflow_of_history
    from replaykit.history import find_fixtures, read_history

    known: list[tuple[Path, History, ExploredWorkflow]] = []
    for path in find_fixtures(paths):
        history = read_history(path)
        subject = workflow_of_history(history, subjects, config)
        if subject is None:
            click.echo(f"{path}: left out, no one worker has {history.workflow_type}", err=True)
        else:
            known.append((path, history, subject))
    for path, history, subject in known:
        budget = _budget(asked, len(known))
        asked.tell_future(
            explore_future(config, subject, history, budget, name=path.as_posix(), seed=asked.seed)
        )


def _across(config: Config, subjects: list[ExploredWorkflow], base: str, asked: _Asked) -> None:
    from contextlib import ExitStack

    from replaykit.explore.searching.base_judge import explore_base
    from replaykit.explore.searching.base_process import Request
    from replaykit.replay.session import ReplaySession
    from replaykit.revisions import checked_out, repository_of, resolve

    repository = repository_of(config.root)
    commit = resolve(repository, base)
    with ExitStack() as stack:
        tree = stack.enter_context(checked_out(repository, commit))
        sessions = {
            subject.key: stack.enter_context(
                ReplaySession(subject.worker, root=config.root, timeout_s=config.timeout_s)
            )
            for subject in subjects
        }
        request = Request(
            root=tree / config.root.resolve().relative_to(repository),
            head=config,
            subjects=tuple(sessions),
            seconds=asked.seconds / max(len(sessions), 1),
            scenarios=asked.scenarios,
            seed=asked.seed,
        )
        done = explore_base(
            request,
            sessions,
            on_explored=lambda e: asked.tell(e, request.root),
            on_note=lambda message: click.echo(message, err=True),
        )
    for _, name in sorted(set(sessions) - set(done)):
        click.echo(f"{name}: not in the base, so there is nothing that it could break", err=True)
