"""Several children: one that is lost takes its own item with it, and no other."""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path

import pytest

from replaykit.errors import ReplaykitError
from replaykit.processes import Answered, Lost, Pool
from replaykit.verdict import Reason
from tests.processes.alive import is_gone
from tests.processes.test_child import LONG_S, program


@pytest.mark.sampled(2)
@pytest.mark.parametrize("size", [1, 3])
def test_only_the_items_that_end_or_stop_a_child_are_lost(size: int) -> None:
    items: list[object] = [*range(6), ("leave", 3), *range(6), ("hang",), *range(6), ("leave", 0)]
    with Pool[object](program(), item_s=5, size=size) as pool:
        pool.start()
        results = sorted(pool.ask(items), key=lambda each: each.index)
    assert [each.item for each in results] == items
    lost = {each.index: each for each in results if isinstance(each, Lost)}
    assert {index: each.reason for index, each in lost.items()} == {
        6: Reason.CRASHED,
        13: Reason.TIMED_OUT,
        20: Reason.CRASHED,
    }
    assert lost[6].message == "the base ended with exit code 3: these are my last words"
    assert lost[13].message.startswith("the base gave no answer within 5 s; it was at ")
    answers = [each for each in results if isinstance(each, Answered)]
    assert [each.answer for each in answers] == [each.item for each in answers]


def test_results_come_while_others_are_waited_for() -> None:
    with Pool[object](program(), item_s=LONG_S, size=1) as pool:
        pool.start()
        results = pool.ask(["first", ("hang",)])
        assert next(results).item == "first"
        results.close()  # type: ignore[attr-defined]


def test_leaving_early_ends_the_children() -> None:
    with Pool[object](program(), item_s=LONG_S, size=2) as pool:
        pid, _ = pool.start()
        began = time.monotonic()
        for each in pool.ask(["first", ("hang",), ("hang",)]):
            assert each.item == "first"
            break
    assert is_gone(pid)
    assert time.monotonic() - began < LONG_S / 2


def test_items_can_be_asked_about_again_by_the_same_children() -> None:
    with Pool[object](program(), item_s=LONG_S) as pool:
        pid, _ = pool.start()
        assert [each.item for each in pool.ask(["a"])] == ["a"]
        assert [each.item for each in pool.ask(["b", "c"])] == ["b", "c"]
        assert not is_gone(pid, within_s=0.2)


def test_a_pool_whose_code_does_not_load_says_so_at_once() -> None:
    with Pool[str](program("refuses"), item_s=LONG_S) as pool, pytest.raises(ReplaykitError, match="no such"):
        pool.start()


def test_where_no_child_loads_any_more_the_rest_is_lost(tmp_path: Path) -> None:
    """The code goes away after the first start."""
    package = tmp_path / "fleeting"
    package.mkdir()
    (package / "__init__.py").write_text("from tests.processes.programs import obeys\n")
    base = program()
    once = dataclasses.replace(base, function="fleeting:obeys", path=[str(tmp_path), *(base.path or ())])
    with Pool[object](once, item_s=LONG_S) as pool:
        pool.start()
        os.rename(package, tmp_path / "gone")  # noqa: PTH104
        results = list(pool.ask(["first", ("leave", 3), "second", "third"]))
    assert [type(each) for each in results] == [Answered, Lost, Lost, Lost]
    assert "while it loaded its code: ModuleNotFoundError" in results[2].message  # type: ignore[union-attr]


def test_nothing_to_ask_is_nothing_to_answer() -> None:
    with Pool[str](program(), item_s=LONG_S) as pool:
        assert list(pool.ask([])) == []
