"""Standard output and standard error, as a command line writes to them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

import click

from replaykit.visible import visible

__all__ = ["obeyed", "reader_may_leave", "say", "say_error", "to_stderr"]


def say(text: str, *, err: bool = False) -> None:
    """Print lines; whatever they hold, no terminal and no CI service obeys it.

    Args:
        text: One line or more, without the last newline.
        err: Whether to print to standard error.
    """
    click.echo(visible(text), err=err)


def say_error(message: str) -> None:
    """Print why something could not be done, to standard error."""
    click.secho("Error: ", nl=False, err=True, fg="red", bold=True)
    say(message, err=True)


def obeyed(line: str, *, err: bool = False, nl: bool = True) -> None:
    """Print what a terminal or a CI service is to obey: nothing of a History stands in it unescaped.

    Args:
        line: As it is.
        err: Whether to print to standard error.
        nl: Whether a newline comes after it.
    """
    click.echo(line, err=err, nl=nl)


@contextlib.contextmanager
def reader_may_leave() -> Iterator[None]:
    """Let `| head` close the pipe: what is left unread is dropped in silence."""
    try:
        yield
    except (BrokenPipeError, SystemExit):  # rich turns the one into the other
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def to_stderr(output: bytes) -> None:
    """Show what workflow code prints: on standard error, so that standard output is the report alone."""
    sys.stderr.write(output.decode(errors="replace"))
    sys.stderr.flush()
