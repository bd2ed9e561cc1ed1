"""Same code, same history: never a drift, whatever the service and Core put in of their own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from replaykit.check import Check
from replaykit.config import load_config
from replaykit.history import read_history
from replaykit.verdict import Outcome
from tests.gallery.fixtures import GREEN, PATHS
from tests.gallery.order.matrix import MATRIX, RELEASES, Cell
from tests.replay.strict.judging import judge

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def gallery() -> Iterator[Check]:
    with Check(dataclasses.replace(load_config(ROOT), strict=True)) as check:
        yield check


@pytest.mark.sampled(5)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_unchanged_code_has_no_drift(path: Path, gallery: Check) -> None:
    verdict = gallery.judge_file(path)
    assert verdict.drifts == ()
    assert verdict.outcome is Outcome.CONSISTENT


def _open_cuts() -> Iterator[tuple[Path, int]]:
    """Each fixture as it stood when a worker took up one of its tasks."""
    for path, history in zip(PATHS, GREEN, strict=True):
        events = history.events
        tips = [
            n for n, event in enumerate(events, 1) if event.HasField("workflow_task_started_event_attributes")
        ]
        yield from ((path, tip) for tip in (tips[1:4] if len(events) < 500 else tips[1:2]))


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("path", "tip"), list(_open_cuts()), ids=lambda value: getattr(value, "stem", str(value))
)
def test_unchanged_code_has_no_tail(path: Path, tip: int, gallery: Check) -> None:
    history = read_history(path)
    cut = dataclasses.replace(history, events=history.events[:tip], status=None)
    assert gallery.judge(cut).drifts == ()


@pytest.mark.parametrize(
    "cell",
    [cell for cell in MATRIX if cell.expected is Outcome.CONSISTENT],
    ids=lambda c: f"{c.workflow_id}-{c.code}",
)
def test_a_patchs_way_of_life_has_no_drift(cell: Cell) -> None:
    """Guarded by `patched`, then deprecated, then gone: attributes stay what they were all along."""
    (path,) = (ROOT / "histories" / "OrderWorkflow").glob(f"{cell.workflow_id}--*.json")
    verdict = judge(read_history(path), RELEASES[cell.code])
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())
