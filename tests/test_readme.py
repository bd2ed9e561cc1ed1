"""Every command of the README is run: here, or by CI to the letter."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import readme_renderer.markdown
from temporalio.client import Client

from replaykit.capture import EmbeddedService, quiet_runtime
from replaykit.demo.orders import run_orders
from replaykit.demo.project_folder import write_project
from replaykit.verdict import Outcome
from tests.conftest import started_server
from tests.gallery.order import v1, v3
from tests.gallery.order.activities import process_payment, ship_order

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
FIXTURE = "order-17--ac6fc3f41ece.json"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    return [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]


def test_the_set_up_lines_are_run_by_ci_as_they_stand() -> None:
    lines = [command for command in commands() if command.startswith("python3 -m venv")]
    assert len(lines) == 2
    for line in lines:
        assert line in CI.splitlines()


@pytest.fixture(scope="module")
def dev_server() -> Iterator[str]:
    """Of these tests alone: `replaykit patches` looks at every run that a service knows."""
    with started_server() as address:
        yield address


@pytest.fixture(scope="module")
def shop(dev_server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's project without its configuration, and its two orders on a real service."""
    folder = tmp_path_factory.mktemp("shop")
    write_project(folder)
    for name in ("pyproject.toml", "workflows_v1.py", "workflows_v2.py", "workflows_v3.py"):
        (folder / name).unlink()

    async def run_them() -> None:
        client = await Client.connect(dev_server, runtime=quiet_runtime())
        # Only the address and the client of it are looked at; this server is the test run's own.
        await run_orders(EmbeddedService(client=client, address=dev_server, environment=Mock()), folder)

    asyncio.run(run_them())
    for command in (
        "init --quiet --initial-branch=main",
        "add --all",
        "-c user.email=a@example.org -c user.name=a commit --quiet --message=base",
    ):
        subprocess.run(["git", *command.split()], cwd=folder, check=True)
    return folder


def run(command: str, folder: Path, address: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    assert program in ("replaykit", "pytest"), command
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
    return subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=folder,
        env={**environ, "TEMPORAL_ADDRESS": address, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


SLOW_OR_ALIKE = (
    "--perturb",
    "--time",
    "-n 2",
    "-k OrderWorkflow",
    "--workflows",
    "--require-fixtures",
    "--open-only",
    "--replay-strict",
    "--replay-html",
)
"""What CI leaves to the weekly run: options that have tests of their own."""


@pytest.mark.parametrize(
    "left_out",
    [
        pytest.param(SLOW_OR_ALIKE, id="but-the-slow-and-alike", marks=pytest.mark.exhaustive),
        pytest.param((), id="all", marks=pytest.mark.weekly),
    ],
)
def test_every_other_command_works_in_a_project(
    shop: Path, dev_server: str, left_out: tuple[str, ...]
) -> None:
    rest = [command for command in commands() if not command.startswith("python3 -m venv")]
    assert len(rest) >= 12
    rest.remove("replaykit init")
    rest = [command for command in rest if not any(option in command for option in left_out)]
    for command in ("replaykit init", *rest):
        captured = next(shop.glob("histories/OrderWorkflow/order-17--*.json"), Path(FIXTURE))
        typed = command.replace(FIXTURE, captured.name).replace("--time 30", "--time 3")
        result = run(typed, shop, dev_server)
        assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    assert (shop / "report.json").is_file()


@pytest.mark.exhaustive
def test_the_python_test_passes(shop: Path, dev_server: str) -> None:
    for command in ("replaykit init", "replaykit capture order-17"):
        assert run(command, shop, dev_server).returncode == 0
    captured = next(shop.glob("histories/OrderWorkflow/order-17--*.json"))
    source, _ = blocks("python")
    (shop / "test_orders.py").write_text(source.replace(FIXTURE, captured.name), encoding="utf-8")
    result = run("pytest -q test_orders.py", shop, dev_server)
    assert result.returncode == 0, result.stdout


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_the_explored_tests_pass() -> None:
    _, source = blocks("python")
    names: dict[str, Any] = {
        "OrderWorkflow": v1.OrderWorkflow,
        "OrderWorkflowV1": v1.OrderWorkflow,
        "OrderWorkflowV2": v3.OrderWorkflow,
        "charge": process_payment,
        "ship": ship_order,
    }
    exec(source, names)
    names["test_orders_are_deterministic"]()
    names["test_the_next_release_takes_over_running_orders"]()


def test_the_configuration_reads(tmp_path: Path) -> None:
    from replaykit.config import load_config

    tables = [block for block in blocks("toml") if "tool.replaykit" in block]
    assert len(tables) == 5
    for table in tables:
        (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
        config = load_config(tmp_path)
        (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
        assert config != load_config(tmp_path), table


def test_the_outcomes_are_all_there() -> None:
    for outcome in Outcome:
        assert f"`{outcome}`" in README


def test_the_contents_list_every_section() -> None:
    sections = re.findall(r"^## (.+)$", README, re.MULTILINE)
    listed = README[README.index("**Contents**") : README.index("## ")]
    links = re.findall(r"\[[^\]]+\]\(#([^)]+)\)", listed)
    assert links == [re.sub(r"[^a-z0-9 -]", "", section.lower()).replace(" ", "-") for section in sections]


RAW = "https://raw.githubusercontent.com/replaykit/replaykit/main/"
SOURCE = "https://github.com/replaykit/replaykit/blob/main/"


def test_it_works_where_pypi_shows_it() -> None:
    """Built by the hook of pyproject.toml, rendered by the package that PyPI renders with."""
    built = subprocess.run(
        [sys.executable, "-m", "hatch_fancy_pypi_readme"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    page = readme_renderer.markdown.render(built.stdout)
    assert page is not None
    images = re.findall(r'<img [^>]*src="([^"]+)"', page)
    links = re.findall(r'href="([^"#]+)"', page)
    anchors = re.findall(r'href="#([^"]+)"', page)
    assert len(images) == 2
    for image in images:
        assert image.startswith(RAW)
        assert (ROOT / image.removeprefix(RAW)).is_file()
    own = [link.removeprefix(SOURCE) for link in links if link.startswith(SOURCE)]
    assert len(own) == 5
    assert all((ROOT / link).exists() for link in own)
    assert [link for link in links if not link.startswith("https://")] == []
    assert anchors
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in page] == []
