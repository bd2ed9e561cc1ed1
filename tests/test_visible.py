r"""Whatever a text holds, no terminal and no CI service obeys it, and a reader sees what is there."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replaykit.errors import ReplaykitError
from replaykit.visible import visible, visible_in_json, visible_in_line, visible_pieces

_OBEYED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff\ud800-\udfff]"
    r"|^\s*::|##\w*\[",
    re.MULTILINE,
)
PARTS = [*"a:#[ \t\n\r\x1b\x07\x0c\x85\x9b\u2028\u202e\u2066\u3000\ufeff\ud800", "::", "##[", "error"]
TEXTS = st.lists(st.sampled_from(PARTS)).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Grüße 日本 👩\u200d🔬 a\u00a0b", "Grüße 日本 👩\u200d🔬 a\u00a0b"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("one\ttab\nnext", "one\ttab\nnext"),
        ("dos\r\nover\rwritten", "dos\nover" + r"\rwritten"),
        ("abc\u202egnp.exe", r"abc\u202egnp.exe"),
        ("\u2066\u200e\u061c", r"\u2066\u200e\u061c"),
        ("\ufeffbom", r"\ufeffbom"),
        ("lone \ud800", r"lone \ud800"),
        ("tags \U000e0041", r"tags \U000e0041"),
        ("::error::x", r"\x3a:error::x"),
        (" \t\u3000::error::x", " \t\u3000" + r"\x3a:error::x"),
        ("a\n  ::set-output name=x::y", "a\n  " + r"\x3a:set-output name=x::y"),
        ("a\u2028::error::", r"a\u2028::error::"),
        ("file.py::test", "file.py::test"),
        ("a ##[group]b", r"a \x23#[group]b"),
        ("##vso[task.complete]", r"\x23#vso[task.complete]"),
        ("###[x]", r"#\x23#[x]"),
        ("## heading", "## heading"),
    ],
)
def test_texts_as_they_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown


@given(TEXTS)
def test_nothing_is_left_that_is_obeyed(text: str) -> None:
    shown = visible(text)
    assert _OBEYED.search(shown) is None
    assert visible(shown) == shown
    assert "\n" not in visible_in_line(text)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_pieces_of_a_line_are_as_harmless_as_the_line(pieces: list[str]) -> None:
    pieces = [piece.replace("\n", "") for piece in pieces]
    shown = visible_pieces(pieces)
    assert len(shown) == len(pieces)
    assert "".join(shown) == visible("".join(pieces))


@given(TEXTS | st.text())
def test_json_holds_what_it_held(text: str) -> None:
    document = json.dumps({"text": text, text: [text]}, ensure_ascii=False, indent=2)
    shown = visible_in_json(document)
    assert json.loads(shown) == json.loads(document)
    assert _OBEYED.search(shown) is None


def test_a_message_of_ours_is_visible_wherever_it_is_shown() -> None:
    error = ReplaykitError("no \x1b[2J", where="a\n::error::b", cure="Rename \u202ex")
    assert str(error) == "a\n" + r"\x3a:error::b: no \x1b[2J. Rename \u202ex"
