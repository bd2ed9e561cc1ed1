"""Alignment of recorded events and produced commands, compared with Core over the whole gallery."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.config import load_config
from replaykit.history import History, command_events, read_history
from replaykit.replay.align import Alignment
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import load_worker
from replaykit.verdict import Outcome
from tests.gallery.order.matrix import RELEASES
from tests.replay.samples import HISTORIES, ROOT

CONFIG = load_config(ROOT)
FIXTURES = sorted(HISTORIES.rglob("*.json"))


def judged(worker: str, history: History) -> tuple[Outcome, int | None, Alignment]:
    """Core's outcome and event, and what our alignment makes of the same commands."""
    loaded = load_worker(CONFIG, CONFIG.worker_named(worker))
    with ReplaySession(loaded, root=ROOT, timeout_s=60) as session:
        verdict = session.judge(history, name="x")
        replayed = session.replayed
    assert replayed is not None
    event_id = verdict.divergence.event_id if verdict.divergence else None
    return verdict.outcome, event_id, replayed.alignment


def worker_of(history: History) -> str:
    return next(w.name for w in CONFIG.workers if w.polls(history.task_queue or ""))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
@pytest.mark.sampled(5)
def test_unchanged_code_aligns_to_the_end(path: Path) -> None:
    history = read_history(path)
    outcome, _, alignment = judged(worker_of(history), history)
    assert outcome is Outcome.CONSISTENT
    assert (alignment.event, alignment.command) == (None, None)
    assert 0 < len(alignment.pairs) <= len(command_events(history))


@pytest.mark.parametrize("release", RELEASES)
def test_the_first_difference_is_where_core_sees_it(release: str) -> None:
    outcomes = set()
    for path in sorted((HISTORIES / "OrderWorkflow").glob("*.json")):
        outcome, event_id, alignment = judged(f"order-{release}", read_history(path))
        outcomes.add(outcome)
        aligned = alignment.event.event_id if alignment.event is not None else None
        assert aligned == event_id, path.name
    assert outcomes == {Outcome.CONSISTENT, Outcome.DIVERGED}
