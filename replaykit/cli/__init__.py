"""The command line: one file per command; options in, exit code out.

Imports click alone. A command's own module, and temporalio with it, loads when that command runs.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence

import click

__all__ = ["cli", "main"]

_COMMANDS = {
    "demo": "Watch a determinism bug being caught, on a Temporal service of its own.",
    "init": "Set replaykit up in this project.",
    "capture": "Fetch workflow histories from a Temporal service as fixtures.",
    "replay": "Judge fixtures against the workflow code.",
    "show": "Show a history as a readable timeline.",
    "patches": "Show which patch ids are alive, which may be deprecated or removed.",
    "explore": "Look for histories that break the code.",
    "fix": "Guard a change so that running workflows survive it; tried before it is shown.",
    "gate": "Judge a change before its merge: only what is new since the base fails.",
    "help": "Print the reference: configuration keys, reasons, rules, exit codes and more.",
}
"""Name and help of every command: here, so that `--help` imports none of their modules."""


class _LazyGroup(click.Group):
    """A group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"replaykit.cli.{cmd_name}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="temporal-replaykit", prog_name="replaykit")
def cli() -> None:
    """Replay and determinism tests for Temporal workflows.

    Exit codes: 0 all consistent; 1 something diverged (or drifted, in strict mode);
    2 could not judge: bad usage, an unjudged history, or nothing to replay.

    The reference of configuration, reports and words: replaykit help.
    """


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    from replaykit.processes.signals import unwound

    with unwound():  # what was started or written for a while goes with us
        code = _run(argv)
    _leave(code)


def _run(argv: Sequence[str] | None) -> int:
    from replaykit.cli.streams import say, say_error
    from replaykit.errors import ReplaykitError
    from replaykit.processes.signals import Stopped
    from replaykit.revisions import clean_up_after_killed_runs

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Ids, names and messages are in any language; the encoding of a pipe may know one of them.
            stream.reconfigure(errors="backslashreplace")
    try:
        clean_up_after_killed_runs()
        result = cli.main(args=argv, prog_name="replaykit", standalone_mode=False)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        say(shown.getvalue().rstrip("\n"), err=True)
        return 2
    except (click.Abort, KeyboardInterrupt) as error:
        say("Interrupted.", err=True)
        stopped = error.__cause__ if isinstance(error, click.Abort) else error
        return 128 + stopped.number if isinstance(stopped, Stopped) else 130
    except ReplaykitError as error:
        say_error(str(error))
        return 2
    except Exception as error:
        # Python's own exit code for this, 1, would mean that something diverged.
        say(traceback.format_exc(), err=True)
        say_error(f"replaykit broke down: {type(error).__name__}. Please report it.")
        return 2
    return result if isinstance(result, int) else 0


def _leave(code: int) -> None:
    """Exit without the interpreter's teardown where Core is loaded.

    The SDK's threads can abort a process that tears down under them, after all its work was done
    (temporalio/sdk-python issue 300).
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if "temporalio.bridge.temporal_sdk_bridge" in sys.modules:
        os._exit(code)
    sys.exit(code)
