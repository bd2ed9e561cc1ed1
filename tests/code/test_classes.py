"""Where imported classes stand in their source, and what their methods hold."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from replaykit.code.classes import file_of, import_root_of, line_of, place_of, statement_lines
from replaykit.code.literals import literals_of

SOURCE = '''\
"""Of the module."""

LIMIT = 10


def plain(cls: type) -> type:
    return cls


@plain
class Order:
    """Of the class: "never tried"."""

    def run(self, region: str) -> int:
        """Of the method."""
        total: int
        try:
            if region == "eu":
                total = LIMIT
            else:
                total = 42
        finally:
            pass
        return total if region else True
'''


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    path = tmp_path / "orders.py"
    path.write_text(SOURCE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("orders_of_a_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_a_class_stands_at_its_first_decorator(module: ModuleType, tmp_path: Path) -> None:
    file = str(tmp_path / "orders.py")
    assert (file_of(module.Order), line_of(module.Order)) == (file, 10)
    assert place_of(module.Order) == f"orders_of_a_test:Order ({file}:10)"
    assert import_root_of(module.Order) == tmp_path.resolve()


def test_a_class_without_a_file_has_a_place_too() -> None:
    made = type("Made", (), {"__module__": "nowhere"})
    assert (file_of(made), line_of(made)) == (None, None)
    assert place_of(made) == "nowhere:Made (?)"
    assert statement_lines(made) == frozenset()
    assert place_of(int) == "builtins:int (?)"


def test_statements_are_those_that_leave_a_trace(module: ModuleType) -> None:
    lines = SOURCE.splitlines()
    assert [lines[number - 1].strip() for number in sorted(statement_lines(module.Order))] == [
        'if region == "eu":',
        "total = LIMIT",
        "total = 42",
        "return total if region else True",
    ]


def test_literals_are_words_and_whole_numbers_and_no_docstrings(tmp_path: Path, module: ModuleType) -> None:
    assert set(literals_of(tmp_path / "orders.py")) == {10, "eu", 42}
    assert literals_of(tmp_path / "gone.py") == ()
