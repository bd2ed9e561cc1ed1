"""Judges the pairs, by replaykit and by a plain loop around the SDK's Replayer.

`python -m tests.pairs.judging` prints the table of what each reports.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from functools import cache

import click
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from replaykit.capture import quiet_runtime
from replaykit.config import Config, WorkerConfig
from replaykit.replay.core_text import read_core_text
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import load_worker
from replaykit.verdict import Verdict
from tests.pairs.pair import ROOT, Pair, Plain
from tests.pairs.table import PAIRS

__all__ = ["is_refused", "judged", "names_a_cure", "names_a_line", "plain_failure", "plain_of", "table"]

_SIDES = re.compile(
    r" of (?:scheduled event|recorded marker) '.*' does not match .* command '"
    r"|\w+ machine does not handle this event: "
    r"|\w+Machine does not handle "
)
"""Sentences of Core that name both what was recorded and what the code asked for."""
_EVENT = re.compile(r"\bevent_id: (\d+)")
_PATIENCE_S = 3.0
"""How long a plain loop may stay silent before it counts as hanging; its replay takes some 50 ms."""


@cache
def judged(pair: Pair) -> Verdict:
    """replaykit's Verdict."""
    config = Config(root=ROOT, workers=(WorkerConfig(workflows=(pair.spec,)),))
    with ReplaySession(load_worker(config, config.workers[0]), root=ROOT, timeout_s=20) as session:
        return session.judge(pair.history, name=pair.new)


@cache
def plain_failure(pair: Pair) -> str | None:
    """What a plain loop gets: the text of its exception, or None. It must not be called where it hangs."""
    return asyncio.run(_replay_failure(pair))


async def _replay_failure(pair: Pair) -> str | None:
    replayer = Replayer(workflows=[pair.workflow], build_id="pairs", runtime=quiet_runtime())
    history = WorkflowHistory(pair.history.workflow_id or "", pair.history.events)
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    failure = result.replay_failure
    return None if failure is None else f"{type(failure).__name__}: {failure}"


@cache
def plain_of(pair: Pair) -> Plain:
    """How much the plain loop reports; in a process of its own where it is expected to hang."""
    if pair.plain is Plain.HANGS:
        return Plain.HANGS if _is_silent(pair) else Plain.RAISES
    failure = plain_failure(pair)
    if failure is None:
        return Plain.NOTHING
    named = _EVENT.search(failure)
    event = pair.event_id in (read_core_text(failure).event_id, int(named.group(1)) if named else None)
    sides = _SIDES.search(failure) is not None
    return {
        (True, True): Plain.BOTH,
        (True, False): Plain.EVENT,
        (False, True): Plain.SIDES,
        (False, False): Plain.RAISES,
    }[event, sides]


def _is_silent(pair: Pair) -> bool:
    command = [sys.executable, "-m", "tests.pairs.judging", pair.new]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().strip() == b"replaying"
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                return True
            return False
        finally:
            process.kill()


def is_refused(pair: Pair) -> bool:
    """Whether a change that breaks a workflow breaks it under this temporalio, whose Core may be older."""
    return not pair.newer_core or plain_failure(pair) is not None


def names_a_line(failure: str, pair: Pair) -> bool:
    """Whether a text holds the line that asked for the first wrong command."""
    return pair.line is not None and f"{pair.line[0]}:{pair.line[1]}" in failure


def names_a_cure(failure: str) -> bool:
    """Whether a text holds a cure."""
    return "workflow.patched(" in failure or "deprecate_patch(" in failure


def table() -> str:
    """What each reports for the pairs that diverge, in Markdown."""
    unsafe = [pair for pair in PAIRS if pair.diverges and is_refused(pair)]
    safe = [pair for pair in PAIRS if not pair.diverges]
    plain = {pair: plain_of(pair) for pair in unsafe}
    texts = {pair: plain_failure(pair) or "" for pair in unsafe if plain[pair] is not Plain.HANGS}
    found = {pair: judged(pair).divergence for pair in unsafe}
    reported = [(pair, divergence) for pair, divergence in found.items() if divergence is not None]
    lines = [(pair, divergence.source) for pair, divergence in reported if divergence.source is not None]
    rows = [
        ("reports that it diverges", sum(p is not Plain.HANGS for p in plain.values()), len(reported)),
        (
            "names the event",
            sum(p in (Plain.EVENT, Plain.BOTH) for p in plain.values()),
            sum(divergence.event_id == pair.event_id for pair, divergence in reported),
        ),
        (
            "names what was recorded and what the code asked for",
            sum(p in (Plain.SIDES, Plain.BOTH) for p in plain.values()),
            sum((d.recorded, d.produced) == (pair.recorded, pair.produced) for pair, d in reported),
        ),
        (
            "names the line of your code",
            sum(names_a_line(text, pair) for pair, text in texts.items()),
            sum((source.file, source.line) == pair.line for pair, source in lines),
        ),
        (
            "offers a cure",
            sum(map(names_a_cure, texts.values())),
            sum(divergence.suggestion_kind is pair.suggestion for pair, divergence in reported),
        ),
        ("hangs", sum(p is Plain.HANGS for p in plain.values()), 0),
    ]
    quiet = sum(judged(pair).is_consistent for pair in safe)
    quiet_plain = sum(plain_of(pair) is Plain.NOTHING for pair in safe)
    return "\n".join(
        [
            f"| of {len(unsafe)} changes that break a running workflow | a `Replayer` loop | replaykit |",
            "| --- | ---: | ---: |",
            *(f"| {what} | {theirs} | {ours} |" for what, theirs, ours in rows),
            f"| accepts the {len(safe)} safe changes | {quiet_plain} | {quiet} |",
        ]
    )


def _main(names: list[str]) -> None:
    if not names:
        click.echo(table())
    for pair in (pair for pair in PAIRS if pair.new in names):
        click.echo("replaying")
        click.echo(plain_failure(pair) or "accepted")


if __name__ == "__main__":
    _main(sys.argv[1:])
