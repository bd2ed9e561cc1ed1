"""What temporalio 1.35 brought: system Nexus operations, versions of children and next runs, event groups."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import SignalWithStartWorkflowExecutionRequest as Request
from temporalio.converter import DataConverter, SerializationContext, WorkflowSerializationContext

from replaykit.replay.sdk.envelopes import opened
from replaykit.replay.strict.payloads import CodecFailed, Encoded, Reader
from replaykit.verdict import Outcome, Severity, Verdict
from tests.replay.strict import coded
from tests.replay.strict.conftest import Recorded
from tests.replay.strict.judging import Edit, edited, judge, of_type
from tests.replay.strict.stories import HAS_SIGNAL_WITH_START, attributes, seconds, story

recent = pytest.mark.skipif(not HAS_SIGNAL_WITH_START, reason="needs temporalio 1.35")
_CHILD = "START_CHILD_WORKFLOW_EXECUTION_INITIATED"


def _judged(recorded: Recorded, name: str, edit: Edit | None = None, **changed: Any) -> Verdict:
    is_coded = name in coded.NAMES
    history = edited(recorded[name], edit)
    if is_coded:
        return judge(history, coded.story(name, **changed), data_converter=coded.CONVERTER)
    return judge(history, story(name, **changed))


def _drifts(verdict: Verdict) -> list[tuple[str, object, object]]:
    return [(drift.field, str(drift.recorded), str(drift.produced)) for drift in verdict.drifts]


@recent
@pytest.mark.parametrize("name", ["SignalsWithStart", "CodedSignal", "Versions", "Groups"])
def test_unchanged_code_has_no_drift(name: str, recorded: Recorded) -> None:
    verdict = _judged(recorded, name)
    assert (verdict.outcome, verdict.drifts, verdict.message) == (Outcome.CONSISTENT, (), None)
    assert verdict.commands_compared > 1


@recent
@pytest.mark.parametrize(
    ("name", "changed", "drift"),
    [
        ("SignalsWithStart", {"arg": {"order": 18}}, ("nexus.input.input[0].order", "17", "18")),
        ("SignalsWithStart", {"signal": "wave"}, ("nexus.input.signal_name", "greet", "wave")),
        ("SignalsWithStart", {"signal_args": [{"n": 2}, "x"]}, ("nexus.input.signal_input[0].n", "1", "2")),
        ("SignalsWithStart", {"memo": {"note": "b"}}, ("nexus.input.memo.note", "first", "b")),
        ("SignalsWithStart", {"id": "other"}, ("nexus.input.workflow_id", "strict-signalled", "other")),
        (
            "SignalsWithStart",
            {"search_attributes": attributes(Customer="bob")},
            ("nexus.input.search_attributes.Customer", "ada", "bob"),
        ),
        (
            "SignalsWithStart",
            {"execution_timeout": seconds(90)},
            ("nexus.input.workflow_execution_timeout", "1 min 40 s", "1 min 30 s"),
        ),
        ("CodedSignal", {"amount": 11}, ("nexus.input.input[0].amount", "10", "11")),
        ("CodedSignal", {"child": "y"}, ("nexus.input.signal_input[0]", "x", "y")),
        ("CodedSignal", {"result": "free"}, ("nexus.input.memo.note", "charged", "free")),
        ("Versions", {"version": "v2"}, ("child_workflow.versioning_override.pinned", "shop.v1", "shop.v2")),
        (
            "Versions",
            {"override": None},
            ("child_workflow.versioning_override", "{'pinned': 'shop.v1'}", "None"),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_a_change_is_one_drift(
    name: str, changed: dict[str, Any], drift: tuple[str, str, str], recorded: Recorded
) -> None:
    verdict = _judged(recorded, name, **changed)
    assert _drifts(verdict) == [drift]
    assert verdict.outcome is Outcome.DRIFTED


@recent
@pytest.mark.parametrize(
    ("name", "changed", "fields"),
    [
        ("SignalsWithStart", {"static_summary": "another"}, ["nexus.input.user_metadata.summary"]),
        ("CodedSignal", {"summary": "t"}, ["nexus.input.user_metadata.summary"]),
        ("CodedSignal", {"text": "Refunding"}, ["event_groups.paying"]),
        ("Groups", {"label": "Refunding"}, ["event_groups.paying", "event_groups.paying"]),
        ("Groups", {"label": None}, ["event_groups.paying", "event_groups.paying"]),
    ],
)
def test_what_people_read_is_cosmetic(
    name: str, changed: dict[str, Any], fields: list[str], recorded: Recorded
) -> None:
    verdict = _judged(recorded, name, **changed)
    assert [drift.field for drift in verdict.drifts] == fields
    assert {drift.severity for drift in verdict.drifts} == {Severity.COSMETIC}
    assert verdict.outcome is Outcome.CONSISTENT


@recent
def test_an_override_as_older_fields_hold_it(recorded: Recorded) -> None:
    """A service before the field `pinned` writes the behavior and the version as text."""

    def older(events: list[HistoryEvent]) -> None:
        override = of_type(events, _CHILD)[0].start_child_workflow_execution_initiated_event_attributes
        override.versioning_override.ClearField("pinned")
        override.versioning_override.behavior = 1  # type: ignore[assignment]
        override.versioning_override.pinned_version = "shop.v1"

    assert _judged(recorded, "Versions", older).drifts == ()
    assert [drift.field for drift in _judged(recorded, "Versions", older, version="v2").drifts] == [
        "child_workflow.versioning_override.pinned"
    ]


@recent
def test_the_mark_of_an_envelope_is_the_sdks_own() -> None:
    from temporalio.nexus import system

    made = system._SystemNexusOuterPayloadConverter().to_payloads([Request(workflow_id="w")])[0]
    assert opened(made) == Request(workflow_id="w")
    made.data = b"\xff"
    assert opened(made) is None
    assert opened(DataConverter.default.payload_converter.to_payload(Request())) is None


class OnlyWorkflows(coded.Scramble):
    """As an SDK before 1.33 had a codec close what belongs to a Nexus operation: for the workflow."""

    def with_context(self, context: SerializationContext) -> OnlyWorkflows:
        if not isinstance(context, WorkflowSerializationContext):
            raise ValueError(f"closed for a workflow, opened for {context}")
        return OnlyWorkflows(context)


def test_a_payload_that_an_earlier_sdk_closed_for_another_context() -> None:
    workflow = WorkflowSerializationContext(namespace="default", workflow_id="w")
    nexus = SerializationContext()
    text = DataConverter.default.payload_converter.to_payload("summary")
    (closed,) = asyncio.run(OnlyWorkflows(workflow).encode([text]))
    reader = Reader(DataConverter(payload_codec=OnlyWorkflows()))
    both = Encoded(payload=closed, context=nexus, earlier_context=workflow)
    reader.decode([both])
    assert reader.recorded(both) == "summary"
    with pytest.raises(CodecFailed, match="closed for a workflow"):
        reader.decode([Encoded(payload=closed, context=nexus)])


def _with_behavior(value: int) -> Edit:
    def edit(events: list[HistoryEvent]) -> None:
        (event,) = of_type(events, "WORKFLOW_EXECUTION_CONTINUED_AS_NEW")
        again = event.workflow_execution_continued_as_new_event_attributes
        again.initial_versioning_behavior = value  # type: ignore[assignment]

    return edit


def _without_behavior(recorded: Recorded, value: int) -> list[tuple[str, object, object]]:
    return _drifts(_judged(recorded, "Again", _with_behavior(value)))


def test_how_the_next_run_is_versioned(recorded: Recorded) -> None:
    field = "continue_as_new.initial_versioning_behavior"
    assert _without_behavior(recorded, 1) == [(field, "AUTO_UPGRADE", "None")]
    assert _without_behavior(recorded, 0) == []


@recent
def test_a_next_run_of_whose_versioning_nothing_was_written_down(recorded: Recorded) -> None:
    """A service writes it down for no unversioned worker: unchanged code has no drift there."""
    from temporalio.workflow import ContinueAsNewVersioningBehavior

    behavior: dict[str, Any] = {"initial_versioning_behavior": ContinueAsNewVersioningBehavior.AUTO_UPGRADE}
    assert _judged(recorded, "Again", **behavior).drifts == ()
    assert _judged(recorded, "Again", _with_behavior(1), **behavior).drifts == ()


@pytest.mark.parametrize(
    ("name", "changed", "field"),
    [
        (
            "ExecutionTimeout",
            {"execution_timeout": seconds(200)},
            "child_workflow.workflow_execution_timeout",
        ),
        ("ExecutionTimeout", {"execution_timeout": seconds(5)}, "child_workflow.workflow_execution_timeout"),
        ("ExecutionTimeout", {"run_timeout": seconds(50)}, "child_workflow.workflow_run_timeout"),
        ("ActivityTotal", {"schedule_to_close_timeout": seconds(90)}, "activity.schedule_to_close_timeout"),
        ("ActivityTotal", {"start_to_close_timeout": seconds(20)}, "activity.start_to_close_timeout"),
    ],
)
def test_a_derived_field_is_no_drift_of_its_own(
    name: str, changed: dict[str, Any], field: str, recorded: Recorded
) -> None:
    """The service filled the other timeouts from the one that changed, or capped them at it."""
    assert [drift.field for drift in _judged(recorded, name, **changed).drifts] == [field]


def test_two_changes_are_two_drifts(recorded: Recorded) -> None:
    changed: dict[str, Any] = {
        "schedule_to_close_timeout": seconds(90),
        "start_to_close_timeout": seconds(20),
    }
    assert [drift.field for drift in _judged(recorded, "ActivityTotal", **changed).drifts] == [
        "activity.schedule_to_close_timeout",
        "activity.start_to_close_timeout",
    ]


def test_the_longest_interval_of_retries_follows_the_first(recorded: Recorded) -> None:
    from temporalio.common import RetryPolicy

    policy = RetryPolicy(initial_interval=seconds(2))
    assert [drift.field for drift in _judged(recorded, "ActivityTotal", retry_policy=policy).drifts] == [
        "activity.retry_policy.initial_interval"
    ]
    policy = dataclasses.replace(policy, maximum_interval=seconds(300))
    assert [drift.field for drift in _judged(recorded, "ActivityTotal", retry_policy=policy).drifts] == [
        "activity.retry_policy.initial_interval",
        "activity.retry_policy.maximum_interval",
    ]
