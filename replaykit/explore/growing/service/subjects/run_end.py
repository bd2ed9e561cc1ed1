"""The end of a run: by the code itself, by its timeout, by an operator; and the run that follows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from temporalio.api.common.v1 import WorkflowType
from temporalio.api.enums.v1 import ContinueAsNewInitiator, RetryState
from temporalio.common import RawValue

from replaykit.explore.growing.service.journal import IDENTITY, duration
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.subjects.filling import header, indexed, memo, payloads
from replaykit.explore.growing.service.subjects.rules import CommandRules, Possible, SubjectRules
from replaykit.explore.growing.service.subjects.search_attributes import fields_of
from replaykit.explore.scenario import Opening, Step, StepKind
from replaykit.replay.kinds import (
    CANCEL_WORKFLOW,
    COMPLETE_WORKFLOW,
    CONTINUE_AS_NEW_WORKFLOW,
    FAIL_WORKFLOW,
)
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds, task_timeout

__all__ = ["RUN_END", "next_opening", "possible_end"]


def _complete(ledger: Ledger, command: Any, task: int) -> None:
    ledger.write(
        "WorkflowExecutionCompleted",
        result=payloads([command.result]) if command.HasField("result") else None,
        workflow_task_completed_event_id=task,
    )


def _fail(ledger: Ledger, command: Any, task: int) -> None:
    ledger.write(
        "WorkflowExecutionFailed",
        failure=_without_stack(command.failure),
        retry_state=RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET,
        workflow_task_completed_event_id=task,
    )


def _without_stack(failure: Any) -> Any:
    """A failure without its stack traces, which hold paths of the machine that grew the history."""
    bare = type(failure)()
    bare.CopyFrom(failure)
    inner = bare
    while True:
        inner.stack_trace = ""
        if not inner.HasField("cause"):
            return bare
        inner = inner.cause


def _cancel(ledger: Ledger, command: Any, task: int) -> None:
    details = getattr(command, "details", None)  # not before temporalio 1.33
    ledger.write(
        "WorkflowExecutionCanceled",
        workflow_task_completed_event_id=task,
        details=details if details is not None and details.payloads else None,
    )


def _continue_as_new(ledger: Ledger, command: Any, task: int) -> None:
    run_timeout = nanoseconds(command.workflow_run_timeout) or ledger.run_timeout
    ledger.continue_with(command.arguments)
    ledger.write(
        "WorkflowExecutionContinuedAsNew",
        new_execution_run_id=ledger.made_up_id("next run"),
        workflow_type=WorkflowType(name=command.workflow_type or ledger.opening.workflow_type),
        task_queue=ledger.queue(command.task_queue),
        input=payloads(command.arguments),
        workflow_run_timeout=duration(run_timeout),
        workflow_task_timeout=duration(task_timeout(nanoseconds(command.workflow_task_timeout), run_timeout)),
        workflow_task_completed_event_id=task,
        initiator=ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_UNSPECIFIED,
        header=header(command.headers) if command.headers else None,
        memo=memo(command.memo or ledger.memo),
        search_attributes=indexed(fields_of(command) or ledger.search_attributes),
        inherit_build_id=ledger.is_own_queue(command.task_queue),
        backoff_start_interval=_backoff(command),
    )


def _backoff(command: Any) -> Any:
    """How long the next run waits; None for none, as before temporalio 1.30."""
    name = "backoff_start_interval"
    return getattr(command, name) if hasattr(command, name) and command.HasField(name) else None


def next_opening(ledger: Ledger) -> Opening | None:
    """How the run that a continue-as-new asks for starts; None where this run ended differently."""
    last = ledger.events[-1]
    if not last.HasField("workflow_execution_continued_as_new_event_attributes"):
        return None
    attributes = last.workflow_execution_continued_as_new_event_attributes
    opening = ledger.opening
    return Opening(
        workflow_type=attributes.workflow_type.name,
        values=tuple(RawValue(payload) for payload in ledger.next_input),
        workflow_id=opening.workflow_id,
        seed=opening.seed + 1,
        task_queue=attributes.task_queue.name,
        namespace=opening.namespace,
        run_timeout=attributes.workflow_run_timeout.ToTimedelta() or None,
        continued_from=ledger.run_id,
        first_run_id=opening.first_run_id or ledger.run_id,
        parent=opening.parent,
        cron=opening.cron,
        memo=opening.memo,
        search_attributes=opening.search_attributes,
        last_result=opening.last_result,
        predates=opening.predates,
    )


def possible_end(ledger: Ledger, horizon: Nanoseconds) -> Iterator[Possible]:
    """The run's own timeout, where it can strike by that time."""
    if ledger.run_timeout and ledger.started_at + ledger.run_timeout <= horizon:
        yield Possible(kind=StepKind.RUN_TIMES_OUT)


def _times_out(ledger: Ledger, step: Step) -> None:
    if not ledger.run_timeout:
        raise LookupError("the run has no timeout")
    ledger.wait_until(ledger.started_at + ledger.run_timeout)
    ledger.write("WorkflowExecutionTimedOut", retry_state=RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET)


def _terminated(ledger: Ledger, step: Step) -> None:
    ledger.write("WorkflowExecutionTerminated", reason="explored", identity=IDENTITY)


RUN_END = SubjectRules(
    commands={
        COMPLETE_WORKFLOW: CommandRules(write=_complete),
        FAIL_WORKFLOW: CommandRules(write=_fail),
        CANCEL_WORKFLOW: CommandRules(write=_cancel),
        CONTINUE_AS_NEW_WORKFLOW: CommandRules(write=_continue_as_new),
    },
    outside={StepKind.RUN_TIMES_OUT: _times_out, StepKind.RUN_TERMINATED: _terminated},
)
