"""Objects of the user's classes hash in an order that can be turned around; sound code does not notice."""

from __future__ import annotations

import asyncio
import builtins
import gc
import importlib
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow

from replaykit.perturb.child.hashing import ObjectHashes, TaskHashes
from replaykit.perturb.child.memory import Disorder, Memory, Order
from replaykit.perturb.child.scope import Scope

_CODE = """
    from dataclasses import dataclass

    class Parcel:
        def __init__(self, name): self.name = name

    class Small:
        __slots__ = ("name",)

    @dataclass(frozen=True)
    class Price:
        amount: int

    def remade(cls):
        own = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
        return type(cls.__name__, (), own)

    @remade
    class Remade:
        def __init__(self, name): self.name = name

    FIRST = Parcel("first")
    TABLE = {FIRST: 1}
"""


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """The code above as a module of the user's, imported under a salt."""
    salt: int = request.param
    monkeypatch.setattr(builtins, "__build_class__", builtins.__build_class__)
    scope = Scope()
    scope.parts = (ObjectHashes(salt=salt, turned=bool(salt)),)
    (tmp_path / "parcels.py").write_text(textwrap.dedent(_CODE), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "parcels", raising=False)
    with scope.importing():
        module = importlib.import_module("parcels")
    monkeypatch.delitem(sys.modules, "parcels")
    return vars(module)


def _order(names: dict[str, Any], cls: str) -> list[str]:
    made = [names[cls](name) for name in ("one", "two", "three")]
    return [thing.name for thing in set(made)]


@pytest.mark.parametrize("imported", [0], indirect=True)
def test_as_ever_the_order_is_that_of_the_first_use(imported: Any) -> None:
    assert _order(imported, "Parcel") == ["one", "two", "three"]
    assert _order(imported, "Remade") == ["one", "two", "three"]


@pytest.mark.parametrize("imported", [7], indirect=True)
def test_a_salt_turns_it_around(imported: Any) -> None:
    assert _order(imported, "Parcel") == ["three", "two", "one"]
    assert _order(imported, "Remade") == ["three", "two", "one"]


@pytest.mark.parametrize("imported", [0, 7], indirect=True)
def test_sound_code_does_not_notice(imported: Any) -> None:
    assert imported["TABLE"][imported["FIRST"]] == 1
    assert len({imported["Price"](1), imported["Price"](1)}) == 1
    small, parcel = imported["Small"](), imported["Parcel"]("p")
    assert {small: 1, parcel: 2}[parcel] == 2
    assert {small} == {small}
    assert hash(parcel) == hash(parcel)


def test_tasks_and_futures_hash_in_their_own_order(monkeypatch: pytest.MonkeyPatch) -> None:
    for handle in (workflow.ActivityHandle, workflow.ChildWorkflowHandle):
        monkeypatch.setattr(handle, "__hash__", handle.__hash__, raising=False)
    monkeypatch.setattr(asyncio, "as_completed", asyncio.as_completed)
    monkeypatch.setattr(asyncio.tasks, "as_completed", asyncio.tasks.as_completed)

    async def order(hashes: TaskHashes) -> list[int]:
        class Instance:
            def __getattr__(self, name: str) -> Any:
                return getattr(asyncio.get_running_loop(), name)

            def _register_task(self, task: Any, *, name: str | None) -> None: ...

            create_task = create_future = None

        instance: Any = Instance()
        hashes.watch(instance)
        futures = [instance.create_future() for _ in range(5)]
        return [futures.index(future) for future in set(futures)]

    assert asyncio.run(order(TaskHashes(salt=0, turned=False))) == [0, 1, 2, 3, 4]
    assert asyncio.run(order(TaskHashes(salt=7, turned=True))) == [4, 3, 2, 1, 0]


def _orders(memory: Memory) -> Counter[tuple[int, ...]]:
    """How often four objects came to lie in which order."""
    seen: Counter[tuple[int, ...]] = Counter()
    for _ in range(20):
        memory.arrange()
        places = [id(thing) for thing in [object() for _ in range(4)]]
        seen[tuple(sorted(range(4), key=places.__getitem__))] += 1
    return seen


def test_memory_can_be_in_order_and_in_disorder() -> None:
    gc.collect()  # what is freed at any moment would be used first
    assert _orders(Order())[0, 1, 2, 3] > 10
    assert len(_orders(Disorder(1))) > 4
