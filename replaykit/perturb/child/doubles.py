"""Another run of the same workflow, made up from a History: what a warm process may have run before."""

from __future__ import annotations

import dataclasses
import uuid

from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History

__all__ = ["another_run"]


def another_run(history: History) -> History:
    """The History under another workflow id and run id, and so with other random numbers.

    Whether the code fits it does not matter: it leaves other values in module globals and caches.
    """
    if not history.events:
        return history
    workflow_id = f"{history.workflow_id}-another"
    run_id = str(uuid.uuid5(uuid.NAMESPACE_OID, history.run_id or workflow_id))
    first = HistoryEvent()
    first.CopyFrom(history.events[0])
    started = first.workflow_execution_started_event_attributes
    started.workflow_id = workflow_id
    started.original_execution_run_id = run_id
    return dataclasses.replace(
        history, events=(first, *history.events[1:]), workflow_id=workflow_id, run_id=run_id
    )
