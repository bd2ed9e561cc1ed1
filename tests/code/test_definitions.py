"""Finding workflow classes in source that is never imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.code.definitions import find_definitions


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from temporalio import workflow\n@workflow.defn\nclass A: ...", [("A", "A")]),
        ("from temporalio import workflow as wf\n@wf.defn()\nclass A: ...", [("A", "A")]),
        ("from temporalio.workflow import defn\n@defn(name='Order')\nclass A: ...", [("A", "Order")]),
        ("import temporalio.workflow\n@temporalio.workflow.defn\nclass A: ...", [("A", "A")]),
        ("import temporalio.workflow as w\n@w.defn(dynamic=True)\nclass A: ...", [("A", None)]),
        ("from temporalio import workflow\nN='x'\n@workflow.defn(name=N)\nclass A: ...", [("A", None)]),
        ("from temporalio import activity\n@activity.defn\nclass A: ...", []),
        ("import workflow\n@workflow.defn\nclass A: ...", []),
        ("def defn(:", []),
        ("from temporalio import workflow\ndef f():\n    @workflow.defn\n    class A: ...", []),
        ("from temporalio import workflow\nif True:\n    @workflow.defn\n    class A: ...", [("A", "A")]),
    ],
)
def test_spellings(tmp_path: Path, source: str, expected: list[tuple[str, str | None]]) -> None:
    write(tmp_path, "app.py", source)
    assert [(d.class_name, d.workflow_type) for d in find_definitions(tmp_path)] == expected


def test_modules_are_named_as_they_are_imported(tmp_path: Path) -> None:
    source = "from temporalio import workflow\n\n@workflow.defn\nclass A: ...\n"
    for name in ("flows.py", "app/orders/flow.py", "app/__init__.py", "src/shop/flow.py"):
        write(tmp_path, name, source)
    found = {
        definition.module: (definition.file.as_posix(), definition.line)
        for definition in find_definitions(tmp_path)
    }
    assert found == {
        "flows": ("flows.py", 4),
        "app.orders.flow": ("app/orders/flow.py", 4),
        "app": ("app/__init__.py", 4),
        "shop.flow": ("src/shop/flow.py", 4),
    }


def test_environments_and_hidden_folders_are_left_out(tmp_path: Path) -> None:
    source = "from temporalio import workflow\n@workflow.defn\nclass A: ...\n"
    for name in (".tox/a.py", "node_modules/a.py", "my-env/lib/a.py", "build/a.py"):
        write(tmp_path, name, source)
    write(tmp_path, "my-env/pyvenv.cfg", "")
    assert find_definitions(tmp_path) == []


def test_only_the_modules_that_are_asked_for_are_read(tmp_path: Path) -> None:
    source = "from temporalio import workflow\n@workflow.defn\nclass A: ...\n"
    for name in ("app/orders.py", "app/orders_old.py", "src/shop/a/flow.py", "shop2.py", "other.py"):
        write(tmp_path, name, source)
    found = find_definitions(tmp_path, of=["app.orders:B", "shop", "absent"])
    assert [definition.module for definition in found] == ["app.orders", "shop.a.flow"]
    assert find_definitions(tmp_path, of=[]) == []
