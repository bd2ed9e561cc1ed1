"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from replaykit.config import Config, load_config

__all__ = ["configured", "workflow_options"]

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


def configured(workflows: tuple[str, ...] = (), worker: str | None = None) -> Config:
    """The project's Config, with what these options say in place of what it says.

    Raises:
        ConfigError: The configuration is wrong, or the two options contradict each other.
    """
    config = load_config()
    if worker is not None:
        config = config.with_worker(worker)
    if workflows:
        config = config.with_workflows(workflows)
    return config
