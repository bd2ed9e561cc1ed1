"""Exploration as a test of the user's own: green, red with a story, and the fixture that is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.explore import Counterexample, assert_deterministic, compatible
from replaykit.explore.code import worker_of
from replaykit.history import find_fixtures, read_history
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome
from tests.gallery.order import v1, v2, v3
from tests.pairs.pair import ROOT

OPTIONS: dict[str, Any] = {"max_examples": 20, "workflow_runner": UnsandboxedWorkflowRunner()}


@pytest.mark.parametrize("release", [v1, v2, v3], ids=["v1", "v2", "v3"])
def test_every_release_of_the_order_agrees_with_itself(release: Any) -> None:
    assert_deterministic(release.OrderWorkflow, **OPTIONS)


def test_a_guarded_change_is_compatible() -> None:
    compatible(old=v1.OrderWorkflow, new=v3.OrderWorkflow, **OPTIONS)


def test_an_unguarded_change_is_told_with_story_line_and_cure(tmp_path: Path) -> None:
    with pytest.raises(Counterexample) as raised:
        compatible(old=v1.OrderWorkflow, new=v2.OrderWorkflow, keep=tmp_path, **OPTIONS)
    told, verdict = str(raised.value), raised.value.verdict
    assert told.startswith("OrderWorkflow cannot take over every run of OrderWorkflow. This story shows it:")
    assert str(raised.value.grown.scenario) in told
    assert "tests/gallery/order/v2.py:" in told
    assert "workflow.patched(" in told
    assert verdict.outcome is Outcome.DIVERGED

    (kept,) = find_fixtures([tmp_path])
    assert f"kept as {kept}" in told
    worker = worker_of([v2.OrderWorkflow], workflow_runner=UnsandboxedWorkflowRunner())
    with ReplaySession(worker, root=ROOT, timeout_s=20) as session:
        again = session.judge(read_history(kept), name="kept")
    assert again.outcome is Outcome.DIVERGED
    assert again.divergence is not None
    assert verdict.divergence is not None
    assert again.divergence.source == verdict.divergence.source
