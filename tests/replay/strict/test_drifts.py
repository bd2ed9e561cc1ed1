"""One changed attribute, one drift: old code recorded on a real service, changed code replayed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import (
    CancelWorkflowExecution,
    ContinueAsNewWorkflowExecution,
    WorkflowCommand,
)
from temporalio.common import Priority, RetryPolicy, WorkflowIDReusePolicy
from temporalio.workflow import ParentClosePolicy

from replaykit.config import load_config
from replaykit.replay.commands import command_of
from replaykit.replay.strict import defaults
from replaykit.replay.strict.attributes import attributes_of
from replaykit.replay.strict.run import Run
from replaykit.report.as_json import verdict_as_data
from replaykit.verdict import Outcome, Severity
from tests.replay.samples import session_of
from tests.replay.strict import stories
from tests.replay.strict.conftest import Recorded
from tests.replay.strict.judging import Edit, edited, judge, of_type, without_sdk_metadata
from tests.replay.strict.stories import (
    CUSTOMER,
    OPTIONS,
    PRIORITY,
    attributes,
    retry,
    seconds,
    story,
)

OTHER_QUEUE = "another-queue"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """A change of a story's code (or of its history, where the SDK gives code no way), and its one drift."""

    field: str
    story: str
    recorded: Any
    produced: Any
    changed: dict[str, Any] = dataclasses.field(default_factory=dict)
    edit: Edit | None = None
    cosmetic: bool = False


def case(
    field: str, story: str, recorded: Any, produced: Any, *, edit: Edit | None = None, **changed: Any
) -> Case:
    return Case(field=field, story=story, recorded=recorded, produced=produced, changed=changed, edit=edit)


def cosmetic(
    field: str, story: str, recorded: Any, produced: Any, *, edit: Edit | None = None, **changed: Any
) -> Case:
    return Case(
        field=field,
        story=story,
        recorded=recorded,
        produced=produced,
        changed=changed,
        edit=edit,
        cosmetic=True,
    )


def attribute(type_name: str, set_value: Any) -> Edit:
    """An edit of the attributes of the first event of a type."""

    def edit(events: list[HistoryEvent]) -> None:
        event = of_type(events, type_name)[0]
        set_value(getattr(event, str(event.WhichOneof("attributes"))))

    return edit


def text(value: str) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=f'"{value}"'.encode())


ACTIVITY = "ACTIVITY_TASK_SCHEDULED"
CHILD = "START_CHILD_WORKFLOW_EXECUTION_INITIATED"
AGAIN = "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"
SIGNAL = "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED"
CANCEL = "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED"
NEXUS = "NEXUS_OPERATION_SCHEDULED"

RETRY = "activity.retry_policy"
ARGS = [{"amount": 10, "to": {"iban": "X1"}}, ["a", "b"]]

CASES = [
    # activity
    case("activity.arguments[0].amount", "Activity", 10, 11, args=[{**ARGS[0], "amount": 11}, ARGS[1]]),  # type: ignore[dict-item]
    case(
        "activity.arguments[0].to.iban",
        "Activity",
        "X1",
        "X2",
        args=[{"amount": 10, "to": {"iban": "X2"}}, ARGS[1]],
    ),
    case("activity.arguments[1]", "Activity", ["a", "b"], ["a"], args=[ARGS[0], ["a"]]),
    case("activity.arguments", "Activity", ARGS, [*ARGS, None], args=[*ARGS, None]),
    case("activity.task_queue", "Activity", "strict", OTHER_QUEUE, task_queue=OTHER_QUEUE),
    case(
        "activity.schedule_to_close_timeout", "Activity", "60s", "61s", schedule_to_close_timeout=seconds(61)
    ),
    case(
        "activity.schedule_to_start_timeout", "Activity", "30s", "31s", schedule_to_start_timeout=seconds(31)
    ),
    case("activity.start_to_close_timeout", "Activity", "20s", "21s", start_to_close_timeout=seconds(21)),
    case("activity.heartbeat_timeout", "Activity", "5s", None, heartbeat_timeout=None),
    case(
        f"{RETRY}.initial_interval", "Activity", "1s", "2s", retry_policy=retry(initial_interval=seconds(2))
    ),
    case(f"{RETRY}.backoff_coefficient", "Activity", 2.0, 3.0, retry_policy=retry(backoff_coefficient=3.0)),
    case(f"{RETRY}.maximum_interval", "Activity", "10s", "100s", retry_policy=retry(maximum_interval=None)),
    case(f"{RETRY}.maximum_attempts", "Activity", 3, 4, retry_policy=retry(maximum_attempts=4)),
    case(
        f"{RETRY}.non_retryable_error_types",
        "Activity",
        ["Fatal"],
        [],
        retry_policy=retry(non_retryable_error_types=None),
    ),
    case(f"{RETRY}.maximum_attempts", "PlainActivity", 0, 3, retry_policy=RetryPolicy(maximum_attempts=3)),
    case(
        "activity.activity_id",
        "Activity",
        "charge-1",
        "charge-2",
        edit=without_sdk_metadata,
        activity_id="charge-2",
    ),
    case(
        "activity.activity_type", "Activity", "charge", "refund", edit=without_sdk_metadata, activity="refund"
    ),
    case("activity.priority.priority_key", "Activity", 2, 3, priority=Priority(priority_key=3)),
    cosmetic("activity.summary", "Activity", "charge the card", "charge it", summary="charge it"),
    cosmetic(
        "activity.headers.tenant",
        "Activity",
        "ada",
        "<absent>",
        edit=attribute(ACTIVITY, lambda a: a.header.fields["tenant"].CopyFrom(text("ada"))),
    ),
    # local activity
    case(
        "local_activity.activity_id",
        "LocalActivity",
        "local-1",
        "local-2",
        edit=without_sdk_metadata,
        activity_id="local-2",
    ),
    # timer
    case("timer.start_to_fire_timeout", "Timer", "0.05s", "18000s", duration=timedelta(hours=5)),
    cosmetic("timer.summary", "Timer", "a breath", "a rest", summary="a rest"),
    # cancellations
    case(
        "cancel_activity.target",
        "Cancels",
        "ActivityTaskScheduled charge (event 5)",
        "ActivityTaskScheduled charge (event 6)",
        activity=1,
    ),
    case(
        "cancel_timer.target",
        "Cancels",
        "TimerStarted 1 min (event 8)",
        "TimerStarted 1 min 1 s (event 9)",
        timer=1,
    ),
    case("cancel_child.target", "Cancels", "strict-idle-0", "strict-idle-1", child=1),
    cosmetic(
        "cancel_child.reason",
        "Cancels",
        "late",
        None,
        edit=attribute(CANCEL, lambda a: setattr(a, "reason", "late")),
    ),
    # child workflow
    case("child_workflow.input[0].order", "Parent", 17, 18, arg={"order": 18}),
    case("child_workflow.task_queue", "Parent", "strict", OTHER_QUEUE, task_queue=OTHER_QUEUE),
    case(
        "child_workflow.workflow_execution_timeout", "Parent", "100s", "200s", execution_timeout=seconds(200)
    ),
    case("child_workflow.workflow_run_timeout", "Parent", "50s", "60s", run_timeout=seconds(60)),
    case("child_workflow.workflow_task_timeout", "Parent", "5s", "10s", task_timeout=None),
    case(
        "child_workflow.retry_policy.maximum_attempts", "Parent", 3, 1, retry_policy=retry(maximum_attempts=1)
    ),
    case(
        "child_workflow.parent_close_policy",
        "Parent",
        "TERMINATE",
        "ABANDON",
        parent_close_policy=ParentClosePolicy.ABANDON,
    ),
    case(
        "child_workflow.workflow_id_reuse_policy",
        "Parent",
        "ALLOW_DUPLICATE",
        "REJECT_DUPLICATE",
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    ),
    case("child_workflow.cron_schedule", "Parent", None, "0 12 * * *", cron_schedule="0 12 * * *"),
    case("child_workflow.memo.note", "Parent", "first", "second", memo={"note": "second"}),
    case(
        "child_workflow.search_attributes.Customer",
        "Parent",
        "ada",
        "bob",
        search_attributes=attributes(Customer="bob"),
    ),
    case(
        "child_workflow.search_attributes.Rank",
        "Parent",
        "<absent>",
        1,
        search_attributes=attributes(Customer="ada", Rank=1),
    ),
    case("child_workflow.priority.priority_key", "Parent", 2, None, priority=Priority()),
    case(
        "child_workflow.workflow_id", "Parent", "strict-child", "other", edit=without_sdk_metadata, id="other"
    ),
    case(
        "child_workflow.workflow_type", "Parent", "Idle", "Busy", edit=without_sdk_metadata, workflow="Busy"
    ),
    case(
        "child_workflow.namespace",
        "Parent",
        "elsewhere",
        "default",
        edit=attribute(CHILD, lambda a: setattr(a, "namespace", "elsewhere")),
    ),
    cosmetic("child_workflow.summary", "Parent", "the child", "a child", static_summary="a child"),
    cosmetic("child_workflow.static_details", "Parent", "long text", None, static_details=None),
    # continue as new
    case("continue_as_new.arguments[0].round", "Again", 1, 2, args=[{"round": 2}]),
    case("continue_as_new.workflow_type", "Again", "Again", "Other", workflow="Other"),
    case("continue_as_new.task_queue", "Again", "strict", OTHER_QUEUE, task_queue=OTHER_QUEUE),
    case("continue_as_new.workflow_run_timeout", "Again", "100s", "101s", run_timeout=seconds(101)),
    case("continue_as_new.workflow_task_timeout", "Again", "5s", "6s", task_timeout=seconds(6)),
    case("continue_as_new.memo.note", "Again", "first", "second", memo={"note": "second"}),
    case(
        "continue_as_new.search_attributes.Customer",
        "Again",
        "ada",
        "bob",
        search_attributes=attributes(Customer="bob"),
    ),
    # external workflows
    case("signal_external.signal_name", "Signals", "greet", "meet", signal="meet"),
    case("signal_external.arguments[0].n", "Signals", 1, 2, args=[{"n": 2}, "x"]),
    case("signal_external.workflow_id", "Signals", "strict-listener", "other", id="other"),
    case("signal_external.run_id", "Signals", None, "<run>", run=True),
    case("signal_external.child_workflow_only", "SignalsChild", True, False, external=True),
    case(
        "signal_external.namespace",
        "Signals",
        "elsewhere",
        "default",
        edit=attribute(SIGNAL, lambda a: setattr(a, "namespace", "elsewhere")),
    ),
    case("cancel_external.workflow_id", "CancelsExternal", "strict-listener-2", "other", id="other"),
    case("cancel_external.run_id", "CancelsExternal", None, "<run>", run=True),
    cosmetic(
        "cancel_external.reason",
        "CancelsExternal",
        "late",
        None,
        edit=attribute(
            CANCEL,
            lambda a: setattr(a, "reason", "Cancel requested by workflow with run id 1 with reason: late"),
        ),
    ),
    # search attributes and memo of the workflow itself
    case(
        "search_attributes.Customer",
        "Upserts",
        "ada",
        "bob",
        search_attributes=[CUSTOMER.value_set("bob"), PRIORITY.value_set(1)],
    ),
    case("search_attributes.Rank", "Upserts", 1, "<absent>", search_attributes=[CUSTOMER.value_set("ada")]),
    case("memo.more.pages", "Upserts", 2, 3, memo={"note": "first", "more": {"pages": 3}}),
    case("memo.note", "Upserts", "first", None, memo={"note": None, "more": {"pages": 2}}),
    # Nexus
    case("nexus.endpoint", "Nexus", "strict-bank", "other-bank", endpoint="other-bank"),
    case("nexus.input.owner", "Nexus", "ada", "bob", input={"owner": "bob"}),
    case("nexus.schedule_to_close_timeout", "Nexus", "10s", "20s", schedule_to_close_timeout=seconds(20)),
    cosmetic("nexus.headers.x-trace", "Nexus", "no", "yes", headers={"X-Trace": "yes"}),
    # updates
    case("update.result.paid", "Updates", 10, 20, answer={"paid": 20}),
    case("update.outcome", "Updates", "completed", "failed", fails=True),
    case("update.failure.type", "Updates", "Broke", "Poor", refusal="Poor"),
    case("update.failure.details[0]", "Updates", 1, 2, details=[2]),
    cosmetic("update.failure.message", "Updates", "no money", "none", text="none"),
    # how the workflow ends
    case("workflow.result.total", "Result", 10, 12, result={"total": 12, "lines": [1, 2]}),
    case("workflow.result", "Result", {"total": 10, "lines": [1, 2]}, None, result=None),
    case("workflow.failure.type", "Failure", "OutOfStock", "Gone", type="Gone"),
    case("workflow.failure.non_retryable", "Failure", True, False, non_retryable=False),
    case("workflow.failure.details[0].sku", "Failure", 1, 2, details=[{"sku": 2}]),
    cosmetic("workflow.failure.message", "Failure", "out of stock", "gone", message="gone"),
    cosmetic("workflow.failure.cause.message", "Failure", "empty shelf", "mice", cause="mice"),
]


def _changed(case: Case) -> type:
    return story(case.story, **case.changed)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.story}-{case.field}")
def test_a_changed_attribute_is_the_one_drift(case: Case, recorded: Recorded) -> None:
    history = edited(recorded[case.story], case.edit)
    verdict = judge(history, _changed(case))
    (drift,) = verdict.drifts
    (reported,) = verdict_as_data(verdict)["drifts"]
    assert (drift.field, reported["recorded"]) == (case.field, case.recorded)
    if case.produced == "<run>":
        assert len(str(drift.produced)) == 36
    else:
        assert reported["produced"] == case.produced
    assert drift.event_id is not None
    assert drift.severity is (Severity.COSMETIC if case.cosmetic else Severity.BEHAVIOURAL)
    assert verdict.outcome is (Outcome.CONSISTENT if case.cosmetic else Outcome.DRIFTED)
    if not case.cosmetic:
        assert verdict.message is not None
        assert case.field in verdict.message
        assert "\n" not in verdict.message


def test_of_a_result_the_line_is_that_of_the_return(recorded: Recorded) -> None:
    (drift,) = judge(recorded["Result"], story("Result", result=None)).drifts
    assert drift.source is not None
    line = Path(stories.__file__).read_text(encoding="utf-8").splitlines()[drift.source.line - 1]
    assert line.strip() == 'return options["result"]'
    assert drift.source.function == "run"


@pytest.mark.parametrize(
    "case", [c for c in CASES if not c.cosmetic and c.edit is None][::4], ids=lambda c: c.field
)
def test_the_line_of_the_code_is_named(case: Case, recorded: Recorded) -> None:
    (drift,) = judge(recorded[case.story], _changed(case)).drifts
    assert drift.source is not None
    assert drift.source.file == "tests/replay/strict/stories.py"


@pytest.mark.parametrize("name", OPTIONS)
def test_the_same_code_has_no_drift(name: str, recorded: Recorded) -> None:
    verdict = judge(recorded[name], story(name))
    assert verdict.drifts == ()
    assert verdict.outcome is Outcome.CONSISTENT


def test_what_core_calls_damage_diverges_and_has_its_drift(recorded: Recorded) -> None:
    """The wrong activity is cancelled, and Core chokes on the end of the right one."""
    verdict = judge(recorded["CancelsActivity"], story("CancelsActivity", activity=1))
    assert verdict.outcome is Outcome.DIVERGED
    assert verdict.divergence is not None
    assert (verdict.divergence.recorded or "").startswith("ActivityTaskCancelRequested of event ")
    assert (verdict.divergence.produced or "").startswith("RequestCancelActivity of event ")
    assert [drift.field for drift in verdict.drifts] == ["cancel_activity.target"]
    assert judge(recorded["CancelsActivity"], story("CancelsActivity")).drifts == ()


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("CappedActivities", "activity_timeouts"),
        ("CappedChildren", "child_timeouts"),
        ("CappedNexus", "nexus_timeouts"),
        ("CappedAgain", "task_timeout"),
    ],
)
def test_without_the_rules_of_the_service_there_would_be_false_alarms(
    name: str, rule: str, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hasattr(defaults, rule)
    monkeypatch.setattr(defaults, "_capped", lambda value, limit: value)
    assert judge(recorded[name], story(name)).outcome is Outcome.DRIFTED


@pytest.mark.parametrize("key", ["_tracer-data", "traceparent"])
def test_the_headers_of_tracing_are_no_drift(key: str, recorded: Recorded) -> None:
    edit = attribute(ACTIVITY, lambda a: a.header.fields[key].CopyFrom(text("span")))
    assert judge(edited(recorded["Activity"], edit), story("Activity")).drifts == ()


def test_an_id_that_another_sdk_numbered_is_no_drift(recorded: Recorded) -> None:
    def edit(events: list[HistoryEvent]) -> None:
        without_sdk_metadata(events)
        of_type(events, ACTIVITY)[0].activity_task_scheduled_event_attributes.activity_id = "5"

    verdict = judge(edited(recorded["PlainActivity"], edit), story("PlainActivity"))
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())


def test_a_deprecated_patch_is_no_drift(recorded: Recorded) -> None:
    verdict = judge(recorded["Patched"], story("Patched", deprecated=True))
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())


def test_without_strict_mode_none_of_it_is_seen(recorded: Recorded) -> None:
    changed = [
        each for each in CASES if each.edit is None and each.story in ("Activity", "Parent", "Signals")
    ]
    for each in changed:
        with session_of(_changed(each)) as session:
            verdict = session.judge(recorded[each.story], name="h")
        assert verdict.outcome is Outcome.CONSISTENT, each
        assert verdict.drifts == ()


@pytest.mark.skipif(
    not hasattr(ContinueAsNewWorkflowExecution(), "backoff_start_interval"), reason="an SDK without a backoff"
)
def test_a_continued_runs_backoff(recorded: Recorded) -> None:
    edit = attribute(AGAIN, lambda a: a.backoff_start_interval.FromSeconds(5))
    (drift,) = judge(edited(recorded["Again"], edit), story("Again")).drifts
    assert (drift.field, str(drift.recorded), drift.produced) == (
        "continue_as_new.backoff_start_interval",
        "5 s",
        None,
    )


@pytest.mark.skipif(not hasattr(CancelWorkflowExecution(), "details"), reason="an SDK without such details")
def test_the_details_of_a_cancelled_workflow(recorded: Recorded) -> None:
    """The SDK for Python gives none, so the history is one of another SDK's."""
    history = recorded["Result"]
    event = HistoryEvent(event_id=5, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED)
    event.workflow_execution_canceled_event_attributes.details.payloads.append(text("why"))
    message = WorkflowCommand()
    message.cancel_workflow_execution.SetInParent()
    command = command_of(message, task=0)
    assert command is not None
    (attribute,) = attributes_of((event, command), Run.of(history, [], []))
    assert (attribute.field, attribute.recorded, attribute.produced) == (
        "workflow.cancel_details",
        [text("why")],
        [],
    )


def test_every_field_can_be_ignored_by_configuration(tmp_path: Path) -> None:
    """A pattern that begins with no field of strict mode is refused."""
    fields = sorted({case.field for case in CASES})
    ignored = ", ".join(f'"{field}"' for field in fields)
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.replaykit.strict]\nignore = [{ignored}]\n", encoding="utf-8"
    )
    assert load_config(tmp_path).strict_policy.rules.ignore == tuple(fields)
