"""Which workflows a change alters, read from the trees of both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.code.changed import changed_workflows
from replaykit.code.definitions import workflow_places

CODE = """\
from temporalio import workflow

LIMIT = 10


def total(parts: list[int]) -> int:
    return sum(parts)


@workflow.defn
class Order:
    @workflow.run
    async def run(self) -> int:
        return total([1])


@workflow.defn(name="billing")
class Invoice:
    @workflow.run
    async def run(self) -> int:
        return 2
"""


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("return 2", "return 3", {"billing"}),
        ("return 2", "return 2  # unchanged", set()),
        ("return 2", "return (\n            2\n        )", set()),
        ("sum(parts)", "max(parts)", {"Order", "billing"}),
        ("class Order", "class Purchase", set()),
        ('(name="billing")', "", set()),
        ("return 2", "return (", set()),
    ],
    ids=["class", "comment", "layout", "function beside it", "renamed class", "renamed type", "broken file"],
)
def test_a_changed_workflow_is_one_whose_code_differs(
    tmp_path: Path, old: str, new: str, changed: set[str]
) -> None:
    sides = {"base": CODE, "head": CODE.replace(old, new)}
    assert old in CODE
    for side, text in sides.items():
        (tmp_path / side).mkdir()
        (tmp_path / side / "flows.py").write_text(text, encoding="utf-8")
    assert changed_workflows(tmp_path / "head", tmp_path / "base") == changed


def test_places_are_by_type_from_the_project(tmp_path: Path) -> None:
    (tmp_path / "src" / "app").mkdir(parents=True)
    (tmp_path / "src" / "app" / "flows.py").write_text(CODE, encoding="utf-8")
    assert workflow_places(tmp_path) == {
        "Order": ("src/app/flows.py", 11),
        "billing": ("src/app/flows.py", 18),
    }
