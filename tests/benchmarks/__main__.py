"""`python -m tests.benchmarks [NAME]... [--rounds N]`."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

import click

BENCHMARKS = {
    "replay": "The gallery's histories: the SDK's own loop, and what replaykit adds to it.",
    "explore": "A workflow of five activities: how many histories a second are grown, and judged.",
    "speed": "Generated corpora, small, heavy and long: whole commands, the SDK's loops, and the floor.",
    "fix": "50 histories and a change that breaks all, half or none of them: the whole command.",
}
"""Each is a module of this package with a `run(rounds)` that answers with the text to print, or texts."""


@click.command(epilog="\n\n".join(f"{name}: {help_text}" for name, help_text in BENCHMARKS.items()))
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)), metavar="[NAME]...")
@click.option("--rounds", type=click.IntRange(min=1), default=9, show_default=True)
def main(names: tuple[str, ...], rounds: int) -> None:
    """Run the benchmarks of those names, or all."""
    for name in names or BENCHMARKS:
        shown: str | Iterable[str] = importlib.import_module(f"tests.benchmarks.{name}").run(rounds)
        for text in [shown] if isinstance(shown, str) else shown:
            click.echo(text)


if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks")
