"""Texts of the command line, whatever the environment takes for the encoding of a terminal."""

from __future__ import annotations

import os

import click

from replaykit.visible import visible_in_line

__all__ = ["as_text", "as_texts", "text_of"]


def text_of(argument: str) -> str:
    """An argument that is sent to a service, which takes UTF-8.

    Python decodes arguments by the locale: in that of `LC_ALL=C` a letter beyond ASCII is bytes in disguise.

    Raises:
        click.BadParameter: It is no text in UTF-8.
    """
    try:
        return os.fsencode(argument).decode("utf-8") if not argument.isascii() else argument
    except UnicodeEncodeError:  # it is text already, of letters that the locale does not know
        return argument
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{visible_in_line(argument)!r} is no text in UTF-8.") from error


def as_text(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """`text_of` of an option that may not be there, as a callback of click."""
    return None if value is None else text_of(value)


def as_texts(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """`text_of` of each of several arguments, as a callback of click."""
    return tuple(map(text_of, values))
