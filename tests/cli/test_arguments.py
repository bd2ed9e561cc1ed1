"""Ids on the command line, under whatever locale."""

from __future__ import annotations

import os
import sys

import click
import pytest

from replaykit.cli.arguments import as_text, as_texts, text_of

CONTEXT = click.Context(click.Command("x"))
PARAMETER = click.Option(["--x"])


@pytest.mark.parametrize("text", ["order-17", "bestellung-ü", "日本", ""])
def test_text_stays(text: str) -> None:
    assert text_of(text) == text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has arguments of text")
@pytest.mark.parametrize("text", ["bestellung-ü", "日本", "👩"])
def test_bytes_in_disguise_become_the_text_that_they_are(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsencode", lambda value: value.encode("ascii", "surrogateescape"))
    disguised = text.encode().decode("ascii", "surrogateescape")
    assert disguised != text
    assert text_of(disguised) == text
    assert as_text(CONTEXT, PARAMETER, disguised) == text
    assert as_texts(CONTEXT, PARAMETER, (disguised, "x")) == (text, "x")


def test_what_is_no_text_is_an_error_and_harmless() -> None:
    with pytest.raises(click.BadParameter) as caught:
        text_of("b\x1b\udcff")
    assert caught.value.message == r"'b\\x1b\\udcff' is no text in UTF-8."


def test_an_option_that_is_not_there_is_none() -> None:
    assert as_text(CONTEXT, PARAMETER, None) is None
