"""Modules that are named in strings (entry points of processes, lazy tables): there, and on their floors.

No import contract sees them.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import click
import grimp
import pytest

from replaykit.cli import cli

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]

_SPEC = re.compile(r"(replaykit(?:\.\w+)+\.?)(?::(\w+))?")
_IMPORT = re.compile(r"\bfrom (replaykit[\w.]*) import (\w+)")


def named_modules(source: str) -> Iterator[tuple[str, str | None]]:
    """What strings name: `replaykit.x:main`, `replaykit.x`, `from replaykit.x import y`.

    In a dict, the words of a value are of the module that is its key. A dot at the end of a module stands for
    all below it.
    """
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if (module := _SPEC.fullmatch(_text(key))) is not None:
                    yield from ((module[1], name) for name in _text(value).split())
        elif id(node) not in docstrings:
            if (whole := _SPEC.fullmatch(_text(node))) is not None:
                yield whole[1], whole[2]
            yield from ((found[1], found[2]) for found in _IMPORT.finditer(_text(node)))


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@lru_cache(maxsize=1)
def edges() -> tuple[tuple[str, str, str | None], ...]:
    """Each module of ours with a module that its strings name, and the name in that one."""
    found: dict[tuple[str, str, str | None], None] = {}
    for path in sorted((ROOT / "replaykit").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for target, name in named_modules(path.read_text(encoding="utf-8")):
            found[module, target, name] = None
    return tuple(found)


def circle(graph: grimp.ImportGraph, importer: str, imported: str) -> tuple[str, ...] | None:
    """The way back from what is named to what names it, between the two parts of a package they lie in."""
    one, other = importer.split("."), imported.split(".")
    depth = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if depth is None:  # one is the package of the other
        return None
    one_part, other_part = (".".join(parts[: depth + 1]) for parts in (one, other))
    return graph.find_shortest_chain(importer=other_part, imported=one_part, as_packages=True)


@pytest.mark.exhaustive
def test_what_strings_name_is_there() -> None:
    assert ("replaykit.explore", "replaykit.explore.scenario", "Scenario") in edges()
    for module, target, name in edges():
        there = importlib.import_module(target.removesuffix("."))
        if name is not None and not hasattr(there, name):
            assert importlib.util.find_spec(f"{target}.{name}"), f"{module} names {target}:{name}"


def test_every_command_is_there() -> None:
    context = click.Context(cli)
    commands = [cli.get_command(context, name) for name in cli.list_commands(context)]
    assert all(isinstance(command, click.Command) for command in commands)


@pytest.mark.exhaustive
def test_what_strings_name_lies_on_the_floors_of_imports() -> None:
    """The contract of `pyproject.toml` once more, with an import in place of each string."""
    graph = grimp.build_graph("replaykit", cache_dir=None)
    before = {(importer, target): circle(graph, importer, target) for importer, target, _ in edges()}
    assert {edge: back for edge, back in before.items() if back is not None} == {}
    for importer, target, _ in edges():
        below = {module for module in graph.modules if module.startswith(target) and target.endswith(".")}
        for imported in below or {target}:
            if not imported.startswith(importer):
                graph.add_import(importer=importer, imported=imported)
    assert upward_in(graph) == []


def upward_in(graph: grimp.ImportGraph) -> list[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    floors = next(each["layers"] for each in contracts if each["id"] == "floors")
    found = graph.find_illegal_dependencies_for_layers(
        [grimp.Layer(*floor.split(" | ")) for floor in floors], containers={"replaykit"}
    )
    return sorted(f"{each.importer} names or imports {each.imported}" for each in found)


def test_a_string_that_names_a_floor_above_is_found() -> None:
    graph = grimp.build_graph("replaykit", cache_dir=None)
    graph.add_import(importer="replaykit.check.corpus", imported="replaykit.gate.run")
    assert upward_in(graph) == ["replaykit.check names or imports replaykit.gate"]
    assert circle(graph, "replaykit.replay.workers", "replaykit.replay.session") is not None


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("Child.of('replaykit.x.y:main')", [("replaykit.x.y", "main")]),
        ("import_module(f'replaykit.cli.{name}')", [("replaykit.cli.", None)]),
        ("run('import sys; from replaykit.x import main; main()')", [("replaykit.x", "main")]),
        (
            "{'replaykit.x': 'One Two'}",
            [("replaykit.x", "One"), ("replaykit.x", "Two"), ("replaykit.x", None)],
        ),
        ("'replaykit.x:main is what this is about'\nx = 'expected replaykit.x, got'", []),
    ],
)
def test_what_a_string_names(source: str, named: list[tuple[str, str | None]]) -> None:
    assert list(named_modules(source)) == named
