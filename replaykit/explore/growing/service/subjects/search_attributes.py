"""Search attributes and memo fields that the code sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from temporalio.api.common.v1 import Memo, Payload, SearchAttributes

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.subjects.rules import CommandRules, SubjectRules
from replaykit.replay.kinds import MODIFY_WORKFLOW_PROPERTIES, UPSERT_SEARCH_ATTRIBUTES

__all__ = ["SEARCH_ATTRIBUTES", "fields_of", "upsert"]


def fields_of(command: Any) -> Mapping[str, Payload]:
    """A command's search attributes: a message of their own, or a plain map in older releases."""
    attributes = command.search_attributes
    fields: Mapping[str, Payload] = getattr(attributes, "indexed_fields", attributes)
    return fields


def upsert(ledger: Ledger, fields: Mapping[str, Payload], task: int) -> None:
    """Record that search attributes were set."""
    fields = {name: _typed(value, ledger.search_attributes.get(name)) for name, value in fields.items()}
    ledger.set_search_attributes(fields)
    ledger.write(
        "UpsertWorkflowSearchAttributes",
        workflow_task_completed_event_id=task,
        search_attributes=SearchAttributes(indexed_fields=fields),
    )


def _upsert(ledger: Ledger, command: Any, task: int) -> None:
    upsert(ledger, fields_of(command), task)


def _typed(value: Payload, before: Payload | None) -> Payload:
    """A search attribute's value under the type that the service knows it by: a removed one names none."""
    if before is None or "type" in value.metadata or "type" not in before.metadata:
        return value
    typed = Payload()
    typed.CopyFrom(value)
    typed.metadata["type"] = before.metadata["type"]
    return typed


def _modify_properties(ledger: Ledger, command: Any, task: int) -> None:
    ledger.set_memo(command.upserted_memo.fields)
    ledger.write(
        "WorkflowPropertiesModified",
        workflow_task_completed_event_id=task,
        upserted_memo=Memo(fields=command.upserted_memo.fields),
    )


SEARCH_ATTRIBUTES = SubjectRules(
    commands={
        UPSERT_SEARCH_ATTRIBUTES: CommandRules(write=_upsert),
        MODIFY_WORKFLOW_PROPERTIES: CommandRules(write=_modify_properties),
    }
)
