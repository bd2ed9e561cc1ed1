"""The one reader of source files: encodings, what is no source, and that a changed file is read again."""

from __future__ import annotations

import ast
import os
import warnings
from pathlib import Path

import pytest

from replaykit.code import sources
from replaykit.code.sources import MAX_BYTES, lines_of, text_of, tree_of


@pytest.mark.parametrize(
    "data",
    [
        "x = 'ä'\n".encode(),
        b"\xef\xbb\xbf" + "x = 'ä'\n".encode(),
        "# -*- coding: latin-1 -*-\nx = 'ä'\n".encode("latin-1"),
        "x = 'ä'\r\n".encode(),
    ],
    ids=["utf-8", "byte order mark", "declared", "Windows line ends"],
)
def test_text_is_decoded_as_python_decodes_it(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "flows.py"
    path.write_bytes(data)
    assert lines_of(path)[-1] == "x = 'ä'"
    tree = tree_of(path)
    assert tree is not None
    assert ast.literal_eval(tree.body[0].value) == "ä"  # type: ignore[attr-defined]  # an assignment


@pytest.mark.parametrize(
    "data",
    [b"x = 'a\xff'\n", b"# coding: no-such-codec\n", b"\0", b"#" * (MAX_BYTES + 1)],
    ids=["not its encoding", "unknown encoding", "binary", "too large"],
)
def test_what_is_no_source_has_no_tree(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "flows.py"
    path.write_bytes(data)
    assert tree_of(path) is None


@pytest.mark.parametrize("text", ["def broken(:\n", "(" * 300 + "1" + ")" * 300], ids=["broken", "too deep"])
def test_text_that_does_not_parse_still_has_lines(tmp_path: Path, text: str) -> None:
    path = tmp_path / "flows.py"
    path.write_text(text, encoding="utf-8")
    assert (text_of(path), tree_of(path)) == (text, None)
    assert lines_of(path) == (text.rstrip("\n"),)


@pytest.mark.parametrize("name", ["gone.py", "", ".", "nul\0.py"])
def test_what_is_no_file_has_neither(tmp_path: Path, name: str) -> None:
    assert (text_of(tmp_path / name), lines_of(tmp_path / name), tree_of(tmp_path / name)) == (None, (), None)


def test_lines_are_counted_as_python_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "flows.py"
    path.write_text("x = 1\n\x0c\ny = '\x1d\u2028'\n", encoding="utf-8")
    tree = tree_of(path)
    assert tree is not None
    assert lines_of(path)[tree.body[1].lineno - 1].startswith("y = ")


def test_a_file_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "flows.py"
    path.write_text("x = 1\n", encoding="utf-8")
    first = tree_of(path)
    assert tree_of(path) is first
    path.write_text("x = 2\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))  # a clock that is too coarse for a test
    assert text_of(path) == "x = 2\n"
    assert tree_of(path) is not first


def test_a_warning_of_the_parser_neither_shows_nor_hides_the_code(tmp_path: Path) -> None:
    path = tmp_path / "flows.py"
    path.write_text('x = "\\d"\n', encoding="utf-8")
    sources._tree.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tree_of(path) is not None
