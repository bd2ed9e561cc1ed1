"""Workflow tasks that come to nothing. The ledger itself has those that go well."""

from __future__ import annotations

from temporalio.api.enums.v1 import TimeoutType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure

from replaykit.explore.growing.service.journal import IDENTITY, SECOND
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.open_items import Task
from replaykit.explore.growing.service.subjects.rules import SubjectRules
from replaykit.explore.scenario import Step, StepKind

__all__ = ["WORKFLOW_TASK"]


def _fails(ledger: Ledger, step: Step) -> None:
    """The next workflow task fails on a worker, and is tried again: nothing of it reaches the run."""
    _under_way(ledger)
    if ledger.is_retrying:
        ledger.retry_task()
        return
    ledger.keep_task()
    ledger.start_task()
    failure = step.failure
    ledger.lose_task(
        "WorkflowTaskFailed",
        cause=WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
        failure=ledger.encoder.failure(failure) if failure is not None else Failure(message="it failed"),
        identity=IDENTITY,
    )
    ledger.wait(SECOND)


def _times_out(ledger: Ledger, step: Step) -> None:
    """The worker that took the task never answers."""
    task = _under_way(ledger)
    if ledger.is_retrying:
        ledger.wait(ledger.task_timeout)
        ledger.retry_task()
        return
    ledger.keep_task()
    # The service writes down the start of a task that lived in memory, and no longer knows by whom.
    ledger.start_task(identity="" if task.is_speculative else IDENTITY)
    ledger.wait(ledger.task_timeout)
    ledger.lose_task("WorkflowTaskTimedOut", timeout_type=TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE)


def _under_way(ledger: Ledger) -> Task:
    if ledger.task is None:
        raise LookupError("no workflow task is under way")
    return ledger.task


WORKFLOW_TASK = SubjectRules(
    outside={StepKind.TASK_FAILS: _fails, StepKind.TASK_TIMES_OUT: _times_out},
    silent=frozenset(
        {
            "WorkflowTaskScheduled",
            "WorkflowTaskStarted",
            "WorkflowTaskCompleted",
            "WorkflowTaskFailed",
            "WorkflowTaskTimedOut",
        }
    ),
)
