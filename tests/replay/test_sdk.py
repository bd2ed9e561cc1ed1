"""The private names of temporalio that replaykit leans on, and what the guards do with them."""

from __future__ import annotations

from typing import Any

import pytest
import temporalio.worker._replayer as replayer
from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.workflow import _Definition

from replaykit.errors import ReplaykitError
from replaykit.replay import sdk
from replaykit.replay.recorder import Recorder, RecordingRunner
from tests.replay.trouble import Tolerant


def replayer_names() -> dict[str, Any]:
    return vars(replayer)


def guarded_worker(runner: RecordingRunner | None) -> Any:
    """A workflow worker as the SDK's Replayer makes it, with just the state that the guards read."""
    sdk.install_guards()
    cls = replayer_names()["_WorkflowWorker"]
    worker = object.__new__(cls)
    worker._replaykit_runner = runner
    worker._workflow_failure_exception_types = [Exception]
    worker._workflows = {"Tolerant": _Definition.must_from_class(Tolerant)}
    return worker


def test_core_is_not_told_to_fail_workflows_in_our_replays_alone() -> None:
    ours = guarded_worker(RecordingRunner(UnsandboxedWorkflowRunner(), Recorder(), deadlock_timeout_s=None))
    assert ours.nondeterminism_as_workflow_fail() is False
    assert ours.nondeterminism_as_workflow_fail_for_types() == set()
    anothers = guarded_worker(None)
    assert anothers.nondeterminism_as_workflow_fail() is True
    assert anothers.nondeterminism_as_workflow_fail_for_types() == {"Tolerant"}


def test_installing_twice_guards_once() -> None:
    sdk.install_guards()
    guarded = replayer_names()["_WorkflowWorker"]
    sdk.install_guards()
    assert replayer_names()["_WorkflowWorker"] is guarded


def test_another_sdk_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replayer, "_WorkflowWorker", object)
    with pytest.raises(ReplaykitError, match="built otherwise than replaykit knows"):
        sdk.install_guards()
