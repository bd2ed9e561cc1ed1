"""The jobs that Core makes of the events of one workflow task, for the cases that need no more than that.

What Core answers for itself (such as a cancelled activity that resolves at once) is not among them: there
`jobs_of` gives up, and the question goes to Core.
"""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivationJob

from replaykit.explore.growing.service import Ledger
from replaykit.explore.growing.service.subjects import JOBS, SILENT
from replaykit.explore.growing.service.subjects.updates import job_of
from replaykit.history import event_name

__all__ = ["NotByHand", "jobs_of"]


class NotByHand(Exception):
    """Only Core knows what the code hears of this."""


def jobs_of(ledger: Ledger, events: Sequence[HistoryEvent]) -> list[WorkflowActivationJob]:
    """What the code hears of these events, in Core's order.

    Args:
        ledger: The run.
        events: Those after the commands of the last workflow task.

    Raises:
        NotByHand: One of them needs Core.
    """
    early: list[WorkflowActivationJob] = []
    rest: list[WorkflowActivationJob] = []
    for event in events:
        name = event_name(event)
        if name in SILENT:
            continue
        make = JOBS.get(name)
        if make is None:
            raise NotByHand(name)
        job = make(ledger, event)
        (early if job.HasField("signal_workflow") else rest).append(job)
    return [*early, *map(job_of, ledger.updates), *rest]
