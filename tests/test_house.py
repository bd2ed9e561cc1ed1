"""The floors of the house, run with the tests."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import grimp
import pytest

from replaykit.replay.kinds import KINDS
from replaykit.replay.sdk.private import PRIVATE_NAMES
from tests.private_names import names_in, private_uses

ROOT = Path(__file__).resolve().parents[1]


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module; parsed once for all tests."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    """By its whole name, all that a module imports."""
    found: list[str] = []
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found += (f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(found)


def test_the_import_contract_holds() -> None:
    lint = shutil.which("lint-imports", path=sysconfig.get_path("scripts")) or "lint-imports"
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


MOST_IMPORTS = 14
MOST_LINES = 350


def test_no_module_imports_many_others_of_ours() -> None:
    graph = grimp.build_graph("replaykit", cache_dir=None)
    imports = {
        module: sorted(graph.find_modules_directly_imported_by(module)) for module in sorted(graph.modules)
    }
    wide = {module: found for module, found in imports.items() if len(found) > MOST_IMPORTS}
    assert wide == {}


def test_no_file_is_long() -> None:
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "replaykit").rglob("*.py")
    }
    long = {path: count for path, count in lines.items() if count > MOST_LINES}
    assert not long


ROOMS_THAT_MAY = {
    "temporalio": {"history", "capture", "replay", "check", "perturb", "explore", "patches", "demo"},
    "temporalio.client": {"capture", "replay", "demo"},
    "temporalio.worker": {"replay", "perturb", "explore", "patches", "demo"},
    "pytest": {"plugin"},
    "_pytest": {"plugin"},
    "hypothesis": {"explore"},
    "click": {"cli"},
    "rich": {"cli", "report"},
}
"""By package, the only rooms that import it; every other room, a new one too, must not."""
API_ALONE = {"history", "check"}
"""Rooms that use Temporal's messages (`temporalio.api`) and nothing else of it."""


READERS_OF_PYTHON = {"ast", "symtable", "tokenize"}
READERS_OF_SOURCE = {"findsource", "getsource", "getsourcefile", "getsourcelines", "linecache"}
"""What reads the source of a class or of a file, of `inspect` and beside it."""


def rooms() -> dict[str, list[Path]]:
    """By room, or file on the ground floor, its modules."""
    found: dict[str, list[Path]] = {}
    for path in (ROOT / "replaykit").rglob("*.py"):
        found.setdefault(path.relative_to(ROOT / "replaykit").parts[0].removesuffix(".py"), []).append(path)
    return found


@pytest.mark.parametrize("package", ROOMS_THAT_MAY)
def test_only_these_rooms_import(package: str) -> None:
    importing = {
        room
        for room, paths in rooms().items()
        for path in paths
        for name in imports_of(path)
        if name == package or name.startswith(f"{package}.")
    }
    assert importing <= ROOMS_THAT_MAY[package], f"{importing - ROOMS_THAT_MAY[package]} import {package}"
    assert importing == ROOMS_THAT_MAY[package], "a room that no longer needs it must lose its leave"


def test_only_one_room_reads_python() -> None:
    reading: list[str] = []
    for path in (path for room, paths in rooms().items() if room != "code" for path in paths):
        imported = {part for name in imports_of(path) for part in name.split(".")}
        called = {node.attr for node in nodes_of(path) if isinstance(node, ast.Attribute)}
        if imported & (READERS_OF_PYTHON | READERS_OF_SOURCE) or called & READERS_OF_SOURCE:
            reading.append(str(path.relative_to(ROOT)))
    assert reading == [], "the user's source is read in replaykit/code/ alone: ask one of its modules"


@pytest.mark.parametrize("room", sorted(API_ALONE))
def test_these_rooms_use_temporals_messages_alone(room: str) -> None:
    used = {name for path in rooms()[room] for name in imports_of(path) if name.split(".")[0] == "temporalio"}
    assert used
    assert {name for name in used if not name.startswith("temporalio.api")} == set()


@pytest.mark.parametrize("module", ["replaykit", "replaykit.plugin", "replaykit.cli", "replaykit.verdict"])
def test_the_doors_load_no_temporalio(module: str) -> None:
    probe = (
        f"import sys, {module}; print(*(m for m in sys.modules if m.split('.')[0] in ('temporalio', 'rich')))"
    )
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""


def test_help_loads_no_temporalio() -> None:
    probe = (
        "import sys\nfrom replaykit.cli import cli\n"
        "cli.main(['--help'], prog_name='replaykit', standalone_mode=False)\n"
        "heavy = [m for m in sys.modules if m.split('.')[0] in ('temporalio', 'rich', 'google', 'pytest')]\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "capture" in result.stdout


def test_the_kinds_of_commands_are_named_in_their_table_alone() -> None:
    names = {kind.name for kind in KINDS}
    table = ROOT / "replaykit" / "replay" / "kinds.py"
    elsewhere = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}, use replaykit.replay.kinds"
        for path in sorted((ROOT / "replaykit").rglob("*.py"))
        if path != table
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert elsewhere == []


SDK = ROOT / "replaykit" / "replay" / "sdk"


@pytest.mark.exhaustive
def test_only_one_room_touches_private_names_of_temporalio() -> None:
    elsewhere = [
        f"{path.relative_to(ROOT)}:{use}"
        for path in sorted((ROOT / "replaykit").rglob("*.py"))
        if SDK not in path.parents
        for use in private_uses(path.read_text(encoding="utf-8"))
    ]
    assert elsewhere == [], "ask a module of replaykit/replay/sdk/, and guard the name there"


@pytest.mark.exhaustive
def test_every_private_name_is_declared_and_used() -> None:
    sources = [path.read_text(encoding="utf-8") for path in SDK.glob("*.py") if path.name != "private.py"]
    used = {name for source in sources for name in names_in(source)}
    assert used - PRIVATE_NAMES == set(), "declare it in replaykit/replay/sdk/private.py"
    assert PRIVATE_NAMES - used == set(), "declared, and used no more"


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from temporalio import workflow\nworkflow._Runtime.current()", "workflow._Runtime"),
        ("import temporalio.worker\ntemporalio.worker._replayer", "temporalio.worker._replayer"),
        ("import temporalio.worker._replayer", "import of temporalio.worker._replayer"),
        (
            "from temporalio.worker._replayer import Replayer",
            "import of temporalio.worker._replayer.Replayer",
        ),
        ("from temporalio.workflow import _Runtime as R", "import of temporalio.workflow._Runtime"),
        ("from temporalio.service import __version__", "import of temporalio.service.__version__"),
        ("from temporalio.workflow import ActivityHandle as A\nA.__hash__ = None", "A.__hash__"),
        ("def f(it): it._add_command = it._next_seq('activity')", "it._next_seq"),
        ("def f(it): return it.instance._deleting", "it.instance._deleting"),
        ("def f(it): it.create_task = it", "it.create_task"),
        ("def f(it): return getattr(it, '_conditions', ())", "getattr(it, '_conditions', ())"),
        ("def f(it): return vars(it)['_ready']", "vars(it)['_ready']"),
        ("NAME = '__temporal_workflow_definition'", "'__temporal_workflow_definition'"),
        ("def f(cls): return '__temporal_signal_definition' in vars(cls)", "'__temporal_signal_definition'"),
        ("NAME = 'workflow_patch'", "'workflow_patch'"),
    ],
)
def test_a_private_name_is_found(source: str, found: str) -> None:
    assert found in [use.partition(": ")[2] for use in private_uses(source)]


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def __init__(self): self._tasks = set(); self._add_command()",
        "class A:\n    @classmethod\n    def f(cls): return cls._definition, super()._tasks",
        "import os, sys, asyncio\nos._exit(1); sys._getframe(1); asyncio.create_task(None)",
        "from temporalio import workflow\nworkflow.info().workflow_id",
        "from replaykit.errors import _note\n_note._tasks",
        "def f(it): return it._replaykit_number, it._asdict()",
        "'What `_add_command` and __temporal_workflow_definition are for.'\nx = 'the _tasks of it'",
        "TABLE = {'_note': 1}\nTABLE['_noted']",
    ],
)
def test_our_own_private_names_are_no_alarm(source: str) -> None:
    assert private_uses(source) == []


TOP_LEVEL = {"CHANGELOG.md", "LICENSE", "README.md", "histories", "pyproject.toml", "replaykit", "tests"}


def test_the_top_level_is_these_alone() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this copy has no git, which knows what belongs to the project")
    command = ["git", "ls-files", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    top = {path.partition("/")[0] for path in done.stdout.split("\0") if path}
    assert {name for name in top if not name.startswith(".")} == TOP_LEVEL
