"""`replaykit init`: set replaykit up in a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replaykit.cli.streams import say
from replaykit.errors import ConfigError
from replaykit.paths import display

if TYPE_CHECKING:
    from replaykit.cli.project_table import Plan
    from replaykit.code.definitions import Definition
    from replaykit.config import Config

__all__ = ["init_command"]

_SHOWN = 20
"""Workflows listed one by one; a tree of samples can hold hundreds."""


@click.command("init")
def init_command() -> int:
    """Find the workflows of this project and write the [tool.replaykit] table.

    Reads the source of the nearest pyproject.toml's folder, or of the current folder where there is none, and
    imports nothing. The table goes to the end of pyproject.toml; everything that is in it stays as it is.

    Exit codes: 0 written, or nothing to change; 2 no workflows, or another table is there.
    """
    from replaykit.cli.project_table import add_table, planned

    path = _pyproject(Path.cwd())
    found, tests = _definitions(path.parent)
    configured = _configured(path)
    if configured is not None:
        _check_complete(path, configured, found)
        say(f"{display(path)} has a [tool.replaykit] table with every workflow found. Nothing to change.")
        _show_next_commands()
        return 0
    plan = planned(found)
    existed = path.exists()
    add_table(path, plan.table)
    _show_found(found, tests)
    say(f"\n{'Added to' if existed else 'Created'} {display(path)}:\n")
    say("\n".join(f"  {line}".rstrip() for line in plan.table.splitlines()))
    _show_notes(plan)
    _show_next_commands()
    return 0


def _pyproject(folder: Path) -> Path:
    """The pyproject.toml that `replay` will read from that folder; none above the repository."""
    for place in (folder, *folder.parents):
        if (place / "pyproject.toml").is_file():
            return place / "pyproject.toml"
        if (place / ".git").exists():
            break
    return folder / "pyproject.toml"


def _definitions(root: Path) -> tuple[list[Definition], list[Definition]]:
    """The workflows to configure, and those in test folders that are left out."""
    from replaykit.code.definitions import find_definitions

    everything = find_definitions(root)
    if not everything:
        raise ConfigError(
            "no class with @workflow.defn in the Python files below this folder",
            where=str(root),
            cure="Run it in the project that defines the workflows. If they come with an installed package, "
            'name their module in pyproject.toml:\n\n[tool.replaykit]\nworkflows = ["package.workflows"]',
        )
    tests = [entry for entry in everything if entry.is_in_tests]
    if len(tests) == len(everything):
        return everything, []
    return [entry for entry in everything if not entry.is_in_tests], tests


def _configured(path: Path) -> Config | None:
    """What the file's table configures; None where it has no such table."""
    from replaykit.config import load_config

    if not path.exists():
        return None
    config = load_config(path)
    return config if config.file is not None else None


def _check_complete(path: Path, config: Config, found: Sequence[Definition]) -> None:
    """Refuse to touch a table that lacks some of the workflows found.

    Raises:
        ConfigError: It does; the message lists what is there and what is missing.
    """
    there = [spec for worker in config.workers for spec in worker.workflows]
    missing = dict.fromkeys(
        entry.module for entry in found if not any(entry.is_covered_by(spec) for spec in there)
    )
    if not missing:
        return
    listing = ", ".join(f'"{spec}"' for spec in there)
    more = ", ".join(f'"{module}"' for module in missing)
    raise ConfigError(
        f"there is a [tool.replaykit] table already, and init does not change one.\nIt has: "
        f"workflows = [{listing}]\nFound in the source too: {more}",
        where=str(path),
        cure="Add those that this worker runs to its workflows by hand.",
    )


def _show_found(found: Sequence[Definition], tests: Sequence[Definition]) -> None:
    say(f"Found {_count(len(found))}:\n")
    places = [f"{entry.file.as_posix()}:{entry.line}" for entry in found[:_SHOWN]]
    width = max(map(len, places))
    for place, entry in zip(places, found, strict=False):
        if entry.workflow_type == entry.class_name:
            called = ""
        elif entry.workflow_type is None:
            called = "  (dynamic, or named at run time)"
        else:
            called = f'  (type "{entry.workflow_type}")'
        say(f"  {place:<{width}}  {entry.class_name}{called}")
    if len(found) > _SHOWN:
        say(f"  and {len(found) - _SHOWN} more")
    if tests:
        say(f"\nLeft out, in tests: {_count(len(tests))}.")


def _show_notes(plan: Plan) -> None:
    for note in plan.notes:
        say(f"\n{note}")


def _show_next_commands() -> None:
    say("\nNext, capture a workflow that ran, and replay it with your tests:\n")
    say("  replaykit capture WORKFLOW_ID")
    say("  pytest --replay-histories histories/")
    say(
        '\nPlain pytest replays them with this in [tool.pytest.ini_options]: replay_histories = ["histories"]'
    )


def _count(number: int) -> str:
    return "1 workflow" if number == 1 else f"{number} workflows"
