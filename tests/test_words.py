"""One word for one thing, in plain English: code, comments, messages and pages keep to the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]
_PACKAGE = _ROOT / "replaykit"
_TESTS = _ROOT / "tests"
_PAGES = ("README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md")

INSTEAD = {
    "behind": "after",
    "otherwise": "differently; else; if not",
    "(held|holds?) against": "compared with; blamed on",
    "told": "reported, shown, configured; a variable is named for what it holds",
    "ahead": "before; not reached",
    "mend(s|ed|ing)?": "fix, correct; failures",
    "anew": "again",
    "as ever": "unchanged",
    "tells?": "shows, reports, names",
    "said": "reported, has, means",
    "amiss": "wrong",
    "for good": "permanently; removed",
    "nothing to go by": "what cannot be known, and why",
    "as good as": "nearly",
    "whatever comes of": "in any case",
    "gone on (from|with)": "continued",
    "tak(e|es|ing) leave": "end, evict",
}
"""By pattern, what to write in its place. An underscore ends a word too: names keep to this as well."""

ALLOWED = {("CHANGELOG.md", "it was `ahead`"), ("tests/perturb/shaky/state.py", '"tell"')}
"""A file, and words in it that name what an earlier release printed, or what a fixture holds."""

_PATTERNS = {
    re.compile(rf"(?<![A-Za-z]){pattern}(?![A-Za-z])", re.IGNORECASE): instead
    for pattern, instead in INSTEAD.items()
}


def found_in(name: str, text: str) -> Iterator[str]:
    """Each such word of a text, with its place and what to write."""
    for number, line in enumerate(text.splitlines(), start=1):
        kept = line
        for page, words in ALLOWED:
            if page == name:
                kept = kept.replace(words, "")
        for pattern, instead in _PATTERNS.items():
            for match in pattern.finditer(kept):
                yield f"{name}:{number}: {match[0]!r}; write: {instead}"


def _files(folder: Path) -> Iterator[Path]:
    for suffix in ("py", "html", "js", "css"):
        yield from sorted(folder.rglob(f"*.{suffix}"))


def _rooms() -> list[str]:
    """What lies in the package and in the tests, but for this file, which has to name the words."""
    paths = [path.relative_to(_ROOT) for folder in (_PACKAGE, _TESTS) for path in _files(folder)]
    return sorted({"/".join(path.parts[:2]) for path in paths} - {f"tests/{Path(__file__).name}"})


@pytest.mark.parametrize("room", _rooms())
def test_a_room_keeps_to_the_words(room: str) -> None:
    place = _ROOT / room
    files = [place] if place.is_file() else list(_files(place))
    found = [
        fault
        for path in files
        for fault in found_in(path.relative_to(_ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("page", _PAGES)
def test_a_page_keeps_to_the_words(page: str) -> None:
    found = list(found_in(page, (_ROOT / page).read_text(encoding="utf-8")))
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("Mend the value.", "Mend"),
        ('TOOK = "ahead"', "ahead"),
        ("the event behind it", "behind"),
        ("def _told_apart(one: int) -> bool:", "told"),
        ("not held against this change", "held against"),
        ("said_of_values = {}", "said"),
        ("what the code asked for as ever", "as ever"),
    ],
)
def test_a_word_is_found_in_texts_and_in_names(line: str, word: str) -> None:
    assert len(list(found_in("x.py", line))) == 1
    assert repr(word) in next(found_in("x.py", line))


@pytest.mark.parametrize("line", ["it has every key", "recommended, amended", "foretold and unsaid"])
def test_parts_of_words_are_not_found(line: str) -> None:
    assert not list(found_in("x.py", line))
