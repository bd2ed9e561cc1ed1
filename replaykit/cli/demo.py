"""`replaykit demo`: a determinism bug being caught, on a Temporal service of its own."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replaykit.errors import ReplaykitError
from replaykit.temporary import temporary_folder

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["demo_command"]

_STEPS = 6


@click.command("demo")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Leave the example project in this folder, ready to play with.",
)
def demo_command(keep: Path | None) -> int:
    """Watch a determinism bug being caught, on a Temporal service of its own.

    Starts a service in memory, runs two orders, captures them, and replays them against three versions of
    the workflow: the one that ran, one with a harmless-looking edit, and one with the edit made safely.
    That one is written by `replaykit fix`, where git and the extra `fix` are there. Without --keep, nothing
    is left on disk.
    """
    from replaykit.demo.project_folder import check_free, deliver, write_project
    from replaykit.demo.repository import missing

    if keep is not None:
        check_free(keep)
    story = _Story()
    is_fixed = not missing()
    with temporary_folder("demo") as folder:
        write_project(folder)
        story.opening()
        asyncio.run(_record(story, folder))
        _replay_versions(story, folder, is_fixed=is_fixed)
        if keep is not None:
            deliver(folder, keep)
    story.closing(keep, is_fixed=is_fixed)
    return 0


async def _record(story: _Story, folder: Path) -> None:
    """Steps 1 to 3: from nothing to two fixtures."""
    from replaykit.capture import embedded_service
    from replaykit.demo.orders import FINISHED, WAITING, capture_order, run_orders

    story.step("Start a Temporal service, in memory, on this machine")
    async with embedded_service() as service:
        story.show(f"It listens at {service.address} for as long as this takes.")

        story.step("Run two orders: payment, packing by the warehouse, shipment")
        result = await run_orders(service, folder)
        story.show(f'{FINISHED}  paid, packed and shipped: "{result}"')
        story.show(f"{WAITING}  paid, and still running: the warehouse has not packed it")

        story.step("Capture both: their event histories become fixtures to commit")
        for order_id in (FINISHED, WAITING):
            path, history = await capture_order(service.client, order_id, folder)
            story.show(f"{path.as_posix()}  {len(history.events)} events  {history.status}")
    story.show("The service is stopped now: a replay needs none.")


def _replay_versions(story: _Story, folder: Path, *, is_fixed: bool) -> None:
    """Steps 4 to 6: the fixtures against three versions of the workflow."""
    from replaykit.demo.project_folder import added_lines, switch_to
    from replaykit.demo.repository import commit, start_repository

    story.step("Replay them against the code that they ran on")
    _run(story, folder, "replay", expected=0)
    story.show("Every command that was recorded, the code asks for again. Safe to deploy.")
    if is_fixed:
        start_repository(folder)
        story.show("The code and the two fixtures are committed now, on the branch main.")

    story.step("Version 2 validates an order before it takes the payment")
    switch_to(2, folder)
    if is_fixed:
        commit(folder, "Validate an order first", branch="validate-first")
    story.edit(added_lines(1, 2))
    _run(story, folder, "replay", expected=1)
    story.show(
        "Unit tests would pass. Deployed, it would leave order-18 stuck: a worker replays",
        "its history to go on with it, and the history has payment where the code now",
        "has validation. Exit code 1 stops that before the merge.",
    )
    (_fix if is_fixed else _show_version_3)(story, folder)
    story.show("Orders from before the patch keep to the old path; new ones are validated.")


def _fix(story: _Story, folder: Path) -> None:
    """Step 6 by the command."""
    story.step("One command guards the edit, and tries that before it writes it")
    _run(story, folder, "fix", "--apply", expected=0)
    _run(story, folder, "replay", expected=0)


def _show_version_3(story: _Story, folder: Path) -> None:
    """Step 6 by hand."""
    from replaykit.demo.project_folder import added_lines, switch_to
    from replaykit.demo.repository import missing

    story.step("Version 3 makes the same edit safely, with workflow.patched")
    switch_to(3, folder)
    story.edit(added_lines(1, 3))
    _run(story, folder, "replay", expected=0)
    story.show(f"To see replaykit fix write it, install what it needs: {missing()}")


def _run(story: _Story, folder: Path, *arguments: str, expected: int) -> None:
    """Run replaykit in the project, as a user does: a process of its own, its output as it is.

    Raises:
        ReplaykitError: It did not end with the exit code that the story needs.
    """
    from replaykit.gate.ci import outside_ci
    from replaykit.processes.starting import running

    story.command(f"replaykit {' '.join(arguments)}")
    command = [sys.executable, "-m", "replaykit", *arguments]
    with running(command, folder=folder, environ=outside_ci(os.environ)) as process:
        code = process.wait()
    if code != expected:
        raise ReplaykitError(
            f"this {arguments[0]} was to end with exit code {expected}, and ended with {code}",
            where="replaykit demo",
            cure="Please report it with the output above and your versions of replaykit and temporalio.",
        )
    story.blank()


class _Story:
    """Prints the demo, in lines of at most 80 columns."""

    def __init__(self) -> None:
        from replaykit.report.terminal import make_console

        self._console: Console = make_console()
        self._step = 0

    def opening(self) -> None:
        self._print("replaykit demo", "bold")
        self._print("Temporal carries a running workflow on by replaying its event history through")
        self._print("its code. Code that asks for something else than was recorded wedges it.")

    def step(self, text: str) -> None:
        self._step += 1
        self.blank()
        self._print(f"[{self._step}/{_STEPS}] {text}", "bold cyan")

    def show(self, *lines: str) -> None:
        for line in lines:
            self._print(line)

    def edit(self, lines: Sequence[str]) -> None:
        """Show changed lines of code."""
        for line in lines:
            self._print(f"    {line}", "green" if line.startswith("+") else "dim")
        self.blank()

    def command(self, text: str) -> None:
        self._print(f"$ {text}", "bold")

    def blank(self) -> None:
        self._print("")

    def closing(self, kept: Path | None, *, is_fixed: bool) -> None:
        """The commands for one's own project, and for the one that was kept."""
        self.blank()
        self._print("In your own project", "bold cyan")
        self.command('pip install "temporal-replaykit[fix]"')
        self.command("replaykit init && replaykit capture WORKFLOW_ID")
        self.command("pytest --replay-histories histories/")
        if kept is None:
            return
        copy = "copy" if os.name == "nt" else "cp"
        self.blank()
        now = "version 2 with the guard" if is_fixed else "version 3"
        self._print(f"To play with what you saw; workflows.py is {now}", "bold cyan")
        self.command(f"cd {shlex.quote(str(kept)) if os.name != 'nt' else kept}")
        if is_fixed:
            self.command("git diff")
        self.command(f"{copy} workflows_v2.py workflows.py")
        self.command("replaykit replay")
        if is_fixed:
            self.command("replaykit fix --apply")
        self._print("New orders, each in a terminal of its own:")
        for command in ("temporal server start-dev", "python worker.py", "python starter.py order-19"):
            self.command(command)

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style or None, markup=False)
        # The replays write to the same place, from processes of their own.
        sys.stdout.flush()
