"""The one place that leans on private names of temporalio; `tests/replay/test_sdk.py` watches them.

Two cures that no public argument offers, and only for Replayers that run a `RecordingRunner`:

- Where `failure_exception_types` holds `Exception` or `NondeterminismError`, Core is told to fail the
  *workflow* on a divergence. A Replayer then waits for ever. For replays Core is told nothing of the kind;
  the workflow code still sees its own failure exception types.
- The deadlock detector fails a task after two seconds, which slow CI machines trip. Its limit follows the
  deadline of the replay.
"""

from __future__ import annotations

import threading
from typing import Any

import temporalio.worker._replayer as _replayer
from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from replaykit.errors import ReplaykitError
from replaykit.replay.recorder import RecordingRunner

__all__ = ["install_guards", "relaxed_for_debugger"]

_lock = threading.Lock()


def install_guards() -> None:
    """Make the SDK's Replayer use a guarded workflow worker; a second call changes nothing.

    Raises:
        ReplaykitError: This temporalio has other private names.
    """
    with _lock:
        original = getattr(_replayer, "_WorkflowWorker", None)
        if original is not None and getattr(original, "_replaykit_guarded", False):
            return
        needed = ("nondeterminism_as_workflow_fail", "nondeterminism_as_workflow_fail_for_types")
        if original is None or not all(hasattr(original, name) for name in needed):
            raise ReplaykitError(
                "this release of temporalio is built otherwise than replaykit knows",
                cure="Install a temporalio release that replaykit's metadata names, or upgrade replaykit.",
            )
        _replayer._WorkflowWorker = _guarded(original)  # type: ignore[attr-defined]


def _guarded(original: Any) -> Any:
    class GuardedWorkflowWorker(original):  # type: ignore[misc]
        _replaykit_guarded = True

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            runner = kwargs.get("workflow_runner")
            self._replaykit_runner = runner if isinstance(runner, RecordingRunner) else None
            if self._replaykit_runner is not None and not kwargs.get("debug_mode"):
                self._deadlock_timeout_seconds = self._replaykit_runner.deadlock_timeout_s

        def nondeterminism_as_workflow_fail(self) -> bool:
            return self._replaykit_runner is None and super().nondeterminism_as_workflow_fail()

        def nondeterminism_as_workflow_fail_for_types(self) -> set[str]:
            if self._replaykit_runner is not None:
                return set()
            types: set[str] = super().nondeterminism_as_workflow_fail_for_types()
            return types

    return GuardedWorkflowWorker


def relaxed_for_debugger(runner: Any) -> Any:
    """The runner with `breakpoint()` let through its sandbox; without a sandbox under an older SDK."""
    try:
        from temporalio.worker._debugger import _relax_sandbox_for_debugger
    except ImportError:
        return UnsandboxedWorkflowRunner() if isinstance(runner, SandboxedWorkflowRunner) else runner
    return _relax_sandbox_for_debugger(runner)
