"""The lines around the one that a Verdict names, in colour."""

from __future__ import annotations

from pathlib import Path

from replaykit.code.excerpts import excerpt_of
from replaykit.verdict import SourceLine


def test_the_excerpt_is_the_lines_around_in_colour(tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text(
        "".join(f"x{n} = {n}\n" for n in range(1, 10)) + 'def run():  # why\n    return "a\\\nb"\n'
    )
    excerpt = excerpt_of(SourceLine(file="flows.py", line=10, function="run"), [tmp_path / "no", tmp_path])
    assert excerpt is not None
    assert excerpt["first"] == 5
    assert excerpt["lines"][0] == [("", "x5 = "), ("n", "5")]
    assert excerpt["lines"][5] == [("k", "def"), ("", " "), ("f", "run"), ("", "():  "), ("c", "# why")]
    assert excerpt["lines"][6][-1] == ("s", '"a\\')
    assert excerpt["lines"][7] == [("s", 'b"')]


def test_what_cannot_be_read_has_no_excerpt(tmp_path: Path) -> None:
    (tmp_path / "short.py").write_text("x = 1\n")
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder.py").mkdir()
    for name, line in [("short.py", 2), ("binary.py", 1), ("folder.py", 1), ("gone.py", 1)]:
        assert excerpt_of(SourceLine(file=name, line=line, function="run"), [tmp_path]) is None
    (tmp_path / "torn.py").write_text("def broken(:\n    '''never closed\n")
    torn = excerpt_of(SourceLine(file="torn.py", line=2, function="run"), [tmp_path])
    assert torn is not None
    assert "".join(text for _, text in torn["lines"][1]) == "    '''never closed"
