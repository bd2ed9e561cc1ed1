"""What stands between the SDK's Replayer and Core.

Two cures that no public argument offers, and only for Replayers that run a `GuardedRunner`:

- Where `failure_exception_types` holds `Exception` or `NondeterminismError`, the SDK has Core fail the
  *workflow* on a divergence. A Replayer then waits for ever. In replays Core is not asked to; the workflow
  code still sees its own failure exception types.
- The deadlock detector fails a task after two seconds, which slow CI machines trip. Its limit follows the
  deadline of the replay.
"""

from __future__ import annotations

import importlib
import threading
from typing import Any

from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from replaykit.replay.sdk.private import changed_internals

__all__ = ["GuardedRunner", "install_guards", "relaxed_for_debugger"]

_NEEDED = ("nondeterminism_as_workflow_fail", "nondeterminism_as_workflow_fail_for_types")
_lock = threading.Lock()


class GuardedRunner(WorkflowRunner):
    """A runner whose Replayer is guarded."""

    deadlock_timeout_s: float | None
    """How long the code may run without a pause, in seconds; None for no limit."""


def install_guards() -> None:
    """Make the SDK's Replayer use a guarded workflow worker; a second call changes nothing.

    Where only the deadlock detector's limit has another name, it stays at the SDK's own two seconds.

    Raises:
        ReplaykitError: This temporalio has no such worker: a divergence might be waited for without end.
    """
    with _lock:
        try:
            module: Any = importlib.import_module("temporalio.worker._replayer")
        except ImportError as error:
            raise changed_internals("temporalio.worker._replayer") from error
        original = getattr(module, "_WorkflowWorker", None)
        if original is not None and getattr(original, "_replaykit_guarded", False):
            return
        missing = next((name for name in _NEEDED if not hasattr(original, name)), None)
        if original is None or missing is not None:
            raise changed_internals("_WorkflowWorker" if original is None else f"_WorkflowWorker.{missing}")
        module._WorkflowWorker = _guarded(original)


def _guarded(original: Any) -> Any:
    class GuardedWorkflowWorker(original):  # type: ignore[misc]
        _replaykit_guarded = True

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            runner = kwargs.get("workflow_runner")
            self._replaykit_runner = runner if isinstance(runner, GuardedRunner) else None
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


def relaxed_for_debugger(runner: WorkflowRunner) -> WorkflowRunner:
    """The runner with `breakpoint()` let through its sandbox; without a sandbox under another SDK."""
    try:
        from temporalio.worker._debugger import _relax_sandbox_for_debugger
    except ImportError:
        return UnsandboxedWorkflowRunner() if isinstance(runner, SandboxedWorkflowRunner) else runner
    return _relax_sandbox_for_debugger(runner)
