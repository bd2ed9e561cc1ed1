"""Answers of a service that contradict what was asked, an earlier answer, or each other.

A proxy, an archive or a frontend of another kind can answer well and hand out nothing, another run, or one
page again and again. None of that may become a fixture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryResponse

from replaykit.errors import ServiceError
from replaykit.limits import DEFAULT_LIMITS

__all__ = ["Pages", "ensure_same_run", "ensure_whole"]

_CURE = "Try again. If it stays so, look at what lies between: a proxy, an archive, another --address."
_MOST_EMPTY = 20
"""Pages without events, one after the other, that are taken for a service that is looking for more."""


@dataclass(slots=True)
class Pages:
    """The pages of one History, put together."""

    where: str
    """The run and its service, as a message names them."""
    events: list[HistoryEvent] = field(default_factory=list)
    _empty: int = 0

    def add(self, page: GetWorkflowExecutionHistoryResponse) -> None:
        """Take the next page.

        Raises:
            ServiceError: It is not what comes next, or there is no end of them.
        """
        for event in page.history.events:
            expected = len(self.events) + 1
            if event.event_id != expected:
                raise self._contradiction(
                    f"the service handed out event {event.event_id} where event {expected} comes next"
                )
            if expected > DEFAULT_LIMITS.events:
                raise self._contradiction(
                    f"the service handed out more than {DEFAULT_LIMITS.events:,} events"
                )
            self.events.append(event)
        self._empty = 0 if page.history.events else self._empty + 1
        if page.next_page_token and self._empty > _MOST_EMPTY:
            raise self._contradiction(
                f"the service promises more pages without end, after {len(self.events)} events"
            )

    def _contradiction(self, what: str) -> ServiceError:
        return ServiceError(what, where=self.where, cure=_CURE)


def ensure_same_run(asked: WorkflowExecution, answered: WorkflowExecution, where: str) -> None:
    """See that a description is of the run that was asked for.

    Raises:
        ServiceError: It is of another one, or of none.
    """
    if not answered.run_id:
        raise ServiceError("the service described a run without a run id", where=where, cure=_CURE)
    same = answered.workflow_id in ("", asked.workflow_id) and asked.run_id in ("", answered.run_id)
    if not same:
        raise ServiceError(
            f"the service described another run: workflow {answered.workflow_id!r}, run {answered.run_id}",
            where=where,
            cure=_CURE,
        )


def ensure_whole(
    events: Sequence[HistoryEvent], execution: WorkflowExecution, written: int, where: str
) -> None:
    """See that events are those of a run, all of them.

    Args:
        events: All that the service handed out.
        execution: The run.
        written: How many events it has, as described or listed; 0 for unknown.
        where: The run and its service, as a message names them.

    Raises:
        ServiceError: There are none, some are missing, or they are another run's.
    """
    if not events:
        raise ServiceError("the service handed out no events of it", where=where, cure=_CURE)
    if len(events) < written:
        raise ServiceError(
            f"the service handed out {len(events)} events of a run that has {written}",
            where=where,
            cure=_CURE,
        )
    started = events[0].workflow_execution_started_event_attributes
    run_id = started.original_execution_run_id
    if started.workflow_id not in ("", execution.workflow_id):
        raise ServiceError(
            f"the service handed out events of workflow {started.workflow_id!r}", where=where, cure=_CURE
        )
    # A run that was reset keeps the id of the one that it comes from in its first event.
    is_other = execution.run_id and run_id not in ("", execution.run_id)
    if is_other and not any(map(_is_reset, events)):
        raise ServiceError(f"the service handed out events of run {run_id}", where=where, cure=_CURE)


def _is_reset(event: HistoryEvent) -> bool:
    cause = event.workflow_task_failed_event_attributes.cause
    return cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW
