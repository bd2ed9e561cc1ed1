"""The floors of the house, run with the tests."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS_WITH_A_SERVICE = ("replay", "capture", "explore", "patches", "fleet", "demo")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_import_contract_holds() -> None:
    lint = shutil.which("lint-imports", path=sysconfig.get_path("scripts")) or "lint-imports"
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_history_room_uses_protobuf_messages_alone() -> None:
    modules = {name for path in (ROOT / "replaykit" / "history").rglob("*.py") for name in imports_of(path)}
    temporal = {name for name in modules if name.split(".")[0] == "temporalio"}
    assert temporal
    assert {name for name in temporal if not name.startswith("temporalio.api")} == set()


def test_only_rooms_with_a_service_import_client_or_worker() -> None:
    guilty = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "replaykit").rglob("*.py")
        for name in imports_of(path)
        if name.startswith(("temporalio.client", "temporalio.worker"))
        and path.relative_to(ROOT / "replaykit").parts[0] not in ROOMS_WITH_A_SERVICE
    }
    assert guilty == set()


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
