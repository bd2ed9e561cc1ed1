"""A survey by a child: a History over which it is lost is left out, and the survey goes on without it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace

from replaykit.capture import Connection
from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.patches.child import Fetched, Replaying, Task
from replaykit.patches.survey import DEFAULT_MOST, Survey
from replaykit.processes import Child, ChildLostError, Children, Program, to_answer, to_load

__all__ = ["survey_in_child"]

_MOST_LOST = 10
"""Enough: code that ends its process over so many Histories does it over all of them."""


def survey_in_child(
    config: Config,
    *,
    connection: Connection | None,
    open_only: bool = False,
    most: int = DEFAULT_MOST,
    on_fetched: Callable[[int, int], None] | None = None,
    on_output: Callable[[bytes], None] | None = None,
) -> Survey:
    """Look at every patch, in a process of its own.

    Args:
        config: The project.
        connection: To the service; None leaves it out.
        open_only: Closed runs hold nothing back.
        most: Histories to fetch at most, open runs first.
        on_fetched: Called with how many Histories have come in, and of how many.
        on_output: Given what the code prints.

    Returns:
        What was found, without the Histories of `lost`.

    Raises:
        ReplaykitError: The code cannot be loaded, the process was lost over no one History or over too many,
            or the service refuses.
    """
    lost: dict[str, str] = {}
    with Children() as children:
        while True:
            task = Task(
                config=config, connection=connection, open_only=open_only, most=most, without=dict(lost)
            )
            program = Program(
                function="replaykit.patches.child:main",
                what="the replay process",
                opening=task,
                loading_s=to_load(config.timeout_s),
                silence_s=to_answer(config.timeout_s),
                path=[os.path.abspath(path) for path in sys.path],  # noqa: PTH100  # "" is the current folder
                on_output=on_output,
            )
            with children.of(program) as child:
                child.start()
                try:
                    return replace(
                        _found(child, to_answer(config.timeout_s), on_fetched),
                        lost=tuple(f"{name}: {message}" for name, message in lost.items()),
                    )
                except _LostOver as error:
                    lost[error.name] = str(error.cause)
                    if len(lost) > _MOST_LOST:
                        raise ReplaykitError(
                            f"{len(lost)} histories, one after the other, ended or stopped the process that "
                            f"replayed them. The last: {error.name}: {error.cause}",
                            cure="Look at the line that is named.",
                        ) from error


class _LostOver(Exception):
    """The process was lost while it replayed a History."""

    def __init__(self, name: str, cause: ChildLostError) -> None:
        super().__init__(name, cause)
        self.name = name
        self.cause = cause


def _found(child: Child, silence_s: float, on_fetched: Callable[[int, int], None] | None) -> Survey:
    """What a child finds.

    Args:
        child: Started.
        silence_s: How long it may send nothing.
        on_fetched: See `survey_in_child`.
    """
    at: str | None = None
    while True:
        try:
            message: Replaying | Fetched | Survey = child.hear(silence_s)
        except ChildLostError as error:
            if at is None:
                raise
            raise _LostOver(at, error) from error
        if isinstance(message, Survey):
            return message
        if isinstance(message, Replaying):
            at = message.name
        elif on_fetched is not None and message.total:
            on_fetched(message.done, message.total)
