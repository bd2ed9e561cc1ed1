"""Which lines of functions a change alters, or gives other values to."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.code.changed_lines import changed_lines

_BEFORE = '''\
"""A module."""
import math

LIMIT = 10
WAIT = LIMIT * 2


def first(value):
    """What it does."""
    total = value + 1
    if total > LIMIT:
        total = 0
        value = 0
    else:
        total = 1
    return total


class Flow:
    size = 3

    async def run(self, value):
        await self.step(
            value,
            math.floor(WAIT),
        )
        return self.size
'''


def lines(before: str, after: str, folder: Path) -> list[int]:
    (folder / "before.py").write_text(before, encoding="utf-8")
    (folder / "after.py").write_text(after, encoding="utf-8")
    found = changed_lines([(folder / "after.py", folder / "before.py")])
    return sorted(found.get(folder / "after.py", ()))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param('"""What it does."""', '"""Another text."""', [], id="a docstring"),
        pytest.param("    total = value + 1", "    total = (value  +  1)  # more", [], id="layout"),
        pytest.param("    total = value + 1", "    total = value + 2", [10], id="a statement"),
        pytest.param("        total = 0\n", "        total = 5\n", [12], id="a statement in a branch"),
        pytest.param("        value = 0\n", "", [12], id="the end of a branch is gone"),
        pytest.param("    if total > LIMIT:", "    if total < LIMIT:", [11], id="a condition"),
        pytest.param("            value,\n", "            -value,\n", [23, 24, 25, 26], id="an argument"),
        pytest.param("LIMIT = 10", "LIMIT = 20", [11, 23, 24, 25, 26], id="a constant, and one made of it"),
        pytest.param("import math", "import cmath as math", [23, 24, 25, 26], id="an import"),
        pytest.param("    size = 3", "    size = 4", [27], id="an attribute of a class"),
        pytest.param("    size = 3\n\n", "", [25], id="an attribute that is gone"),
        pytest.param("def first(value):", "def first(value=1):", [*range(8, 17)], id="how it is called"),
    ],
)
def test_changed_lines(tmp_path: Path, old: str, new: str, expected: list[int]) -> None:
    assert _BEFORE.count(old) == 1
    found = lines(_BEFORE, _BEFORE.replace(old, new), tmp_path)
    assert found == expected


def test_a_new_file_is_all_changed(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text("def new():\n    return 1\n", encoding="utf-8")
    assert changed_lines([(tmp_path / "new.py", None)]) == {tmp_path / "new.py": {1, 2}}


def test_a_constant_is_used_in_another_file(tmp_path: Path) -> None:
    for name, text in (
        ("now", "LIMIT = 2\n"),
        ("was", "LIMIT = 1\n"),
        ("same", "def f():\n    return LIMIT\n"),
    ):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    same = tmp_path / "same.py"
    assert changed_lines([(tmp_path / "now.py", tmp_path / "was.py"), (same, same)]) == {same: {2}}
