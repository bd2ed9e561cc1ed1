"""Options that several commands share."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from replaykit.cli.streams import obeyed, say
from replaykit.config import Config, load_config
from replaykit.errors import ConfigError

if TYPE_CHECKING:
    from replaykit.report.outputs import Outputs

__all__ = [
    "checked_outputs",
    "configured",
    "ensure_libcst",
    "github_kept_still",
    "jobs_option",
    "report_options",
    "workflow_options",
    "write_all",
]

_F = TypeVar("_F", bound=Callable[..., Any])


def workflow_options(command: _F) -> _F:
    """`--workflows` and `--worker`: the code that a command judges with."""
    command = click.option(
        "--workflows",
        multiple=True,
        metavar="MODULE[:CLASS]",
        help="Workflow code, in place of what [tool.replaykit] names. Repeatable.",
    )(command)
    return click.option(
        "--worker", metavar="NAME", help="Judge every history by this [[tool.replaykit.worker]]."
    )(command)


def jobs_option(command: _F) -> _F:
    """`--jobs`: in how many processes a command judges."""
    return click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Judge in N processes.  [default: the cores, as long as another process pays for itself]",
    )(command)


def configured(workflows: tuple[str, ...] = (), worker: str | None = None, *, keeps: bool = False) -> Config:
    """The project's Config, with what these options give in place of its own values.

    Args:
        workflows: Of the option.
        worker: Of the option.
        keeps: Whether the command keeps verdicts where `changed` asks for it; else it always replays.

    Raises:
        ConfigError: The configuration is wrong, or the two options contradict each other.
    """
    config = load_config()
    if not keeps:
        config = replace(config, changed=False)
    if worker is not None:
        config = config.with_worker(worker)
    if workflows:
        config = config.with_workflows(workflows)
    return config


def ensure_libcst() -> None:
    """See that code can be changed here.

    Raises:
        ConfigError: The extra that brings LibCST is not installed.
    """
    if importlib.util.find_spec("libcst") is None:
        raise ConfigError(
            "changing code without touching the rest of a file needs LibCST, which is not installed",
            cure="Install it: pip install 'temporal-replaykit[fix]'",
        )


_FORMATS = {
    "markdown": "Write the text of a pull-request comment.",
    "sarif": "Write SARIF 2.1.0, for code scanning.",
    "junit": "Write JUnit XML, for the test results of a CI service.",
    "gitlab": "Write GitLab's Code Quality report.",
}


def report_options(command: _F) -> _F:
    """`--github`, `--gitlab`, `--junit`, `--sarif` and `--markdown`: one `outputs` for the command."""

    @functools.wraps(command)
    def with_outputs(*args: Any, github: bool, **kwargs: Any) -> Any:
        from replaykit.issue import Issues
        from replaykit.report.outputs import Outputs

        targets = {form: kwargs.pop(f"{form}_file") for form in reversed(_FORMATS)}
        return command(*args, outputs=Outputs(github=github).also(Issues, targets), **kwargs)

    wrapped: Any = with_outputs
    for form, help_text in _FORMATS.items():
        wrapped = click.option(f"--{form}", f"{form}_file", metavar="FILE", help=help_text)(wrapped)
    wrapped = click.option(
        "--github", is_flag=True, help="Print annotations for GitHub Actions, and write the job's summary."
    )(wrapped)
    return cast("_F", wrapped)


def checked_outputs(outputs: Outputs, **others: Iterable[Path]) -> bool:
    """Make sure that all reports can be written, before anything is judged.

    Args:
        outputs: What was asked for.
        others: By name of the option, the files and folders that the command reads or writes besides; `paths`
            are its arguments.

    Returns:
        Whether standard output holds a report alone.

    Raises:
        ConfigError: One cannot be written where it is to go, or two are for one place.
    """
    outputs.check({"PATH" if name == "paths" else f"--{name}": paths for name, paths in others.items()})
    return outputs.to_stdout == 1


def write_all(outputs: Outputs, config: Config, *subjects: object) -> None:
    """Write the reports that were asked for, and name each on standard error.

    Args:
        outputs: What was asked for.
        config: The project.
        subjects: What the command produced, each of a type that `REPORTERS` knows.

    Raises:
        ReplaykitError: A file cannot be written.
    """
    from replaykit.errors import ReplaykitError
    from replaykit.report.outputs import write_outputs
    from replaykit.revisions import repository_of

    if not outputs.github and not outputs.files:
        return
    repository = None
    with contextlib.suppress(ReplaykitError):  # a replay needs no repository
        repository = repository_of(config.root)
    write_outputs(
        outputs,
        *subjects,
        root=config.root,
        repository=repository,
        announce=lambda line: say(line, err=True),
        # GitHub reads standard error too, where standard output holds a report alone.
        annotate=lambda line: obeyed(line, err=outputs.to_stdout == 1),
    )


@contextlib.contextmanager
def github_kept_still(outputs: Outputs) -> Iterator[None]:
    """Keep GitHub from obeying a line of a report that happens to look like one of its commands."""
    if not outputs.github:
        yield
        return
    token = os.urandom(16).hex()
    obeyed(f"::stop-commands::{token}")
    try:
        yield
    finally:
        obeyed(f"::{token}::")
