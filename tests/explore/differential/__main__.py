"""Perform grown scenarios on a real service: `python -m tests.explore.differential --scenarios 22`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections import Counter, defaultdict

import click

from tests.explore.differential.running import Case, Outcome, perform, service
from tests.explore.gallery_workflows import LEFT_OUT, subjects
from tests.gallery.blocks.long_running import LongRunningWorkflow


async def _all(scenarios: int, first: int, at_once: int) -> list[Outcome]:
    cases = [
        Case(subject=subject, seed=seed) for seed in range(first, first + scenarios) for subject in subjects()
    ]
    cases += [
        Case(subject=subject, seed=first, calm=True)  # a hundred activities, then the next run
        for subject in subjects()
        if subject.workflow is LongRunningWorkflow
    ]
    outcomes = []
    async with service() as client:
        async for outcome in perform(client, cases, at_once=at_once):
            outcomes.append(outcome)
            if not outcome.is_equal and not outcome.left_out:
                click.echo(f"{outcome}\n")
    return outcomes


def _table(outcomes: list[Outcome]) -> None:
    by_name: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_name[outcome.case.subject.name].append(outcome)
    click.echo(f"{'workflow':<44} {'scenarios':>9} {'equal':>6}  left out")
    for name, own in sorted({**by_name, "all": outcomes}.items(), key=lambda row: (row[0] == "all", row[0])):
        reasons = Counter(outcome.left_out for outcome in own if outcome.left_out)
        listed = "; ".join(f"{count}: {reason}" for reason, count in reasons.items())
        equal = sum(outcome.is_equal for outcome in own)
        click.echo(f"{name:<44} {len(own):>9} {equal:>6}  {listed}")
    for module, reason in LEFT_OUT.items():
        click.echo(f"{module}: left out: {reason}")


@click.command()
@click.option("--scenarios", default=22, show_default=True, help="Of each workflow.")
@click.option("--first", default=1, show_default=True, help="Seed of the first.")
@click.option("--at-once", default=12, show_default=True)
def main(scenarios: int, first: int, at_once: int) -> None:
    """Perform grown scenarios on a real service, and compare the histories event by event."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)  # failing tasks are part of the show
    outcomes = asyncio.run(_all(scenarios, first, at_once))
    _table(outcomes)
    sys.stdout.flush()
    os._exit(int(any(not outcome.is_equal and not outcome.left_out for outcome in outcomes)))


if __name__ == "__main__":
    main()
