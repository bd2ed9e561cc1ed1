"""What drifts make of a Verdict: the policy, the other outcomes, and a codec."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec

from replaykit.config import StrictPolicy, StrictRules
from replaykit.replay.strict.severity import is_ignored, severity_of
from replaykit.verdict import Outcome, Reason, Report, Severity
from tests.replay.strict import coded
from tests.replay.strict.conftest import Recorded
from tests.replay.strict.judging import judge
from tests.replay.strict.stories import CUSTOMER, run, seconds, story


@workflow.defn(name="Upserts", sandboxed=False)
class OtherUpserts:
    """Another search attribute, and then a timer where the memo was."""

    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([CUSTOMER.value_set("bob")])
        await workflow.sleep(seconds(1))


def test_a_divergence_stays_one_and_lists_the_drifts_before_it(recorded: Recorded) -> None:
    verdict = judge(recorded["Upserts"], OtherUpserts)
    assert verdict.outcome is Outcome.DIVERGED
    assert verdict.divergence is not None
    assert [drift.field for drift in verdict.drifts] == [
        "search_attributes.Customer",
        "search_attributes.Rank",
    ]


def test_drifts_stand_beside_an_error_of_the_code(recorded: Recorded) -> None:
    """A changed argument is why the recorded result does not fit any more."""

    @workflow.defn(name="PlainActivity", sandboxed=False)
    class Raises:
        @run
        async def run(self) -> None:
            await workflow.execute_activity("charge", {"amount": 1}, start_to_close_timeout=seconds(20))
            raise KeyError("receipt")

    verdict = judge(recorded["PlainActivity"], Raises)
    assert verdict.reason is Reason.WORKFLOW_TASK_FAILED
    assert [drift.field for drift in verdict.drifts] == ["activity.arguments[0]"]


def test_cosmetic_drifts_are_listed_and_fail_only_where_the_policy_says_so(recorded: Recorded) -> None:
    changed = story("Activity", summary="another")
    for fail_on, outcome in (
        (Severity.BEHAVIOURAL, Outcome.CONSISTENT),
        (Severity.COSMETIC, Outcome.DRIFTED),
    ):
        policy = StrictPolicy(rules=StrictRules(fail_on=fail_on))
        verdict = judge(recorded["Activity"], changed, policy=policy)
        assert verdict.outcome is outcome
        assert [drift.field for drift in verdict.drifts] == ["activity.summary"]
        assert Report.of([verdict]).exit_code == (outcome is Outcome.DRIFTED)


def test_ignored_fields_are_not_listed(recorded: Recorded) -> None:
    changed = story("Activity", summary="another", task_queue="other", start_to_close_timeout=seconds(21))
    for ignore, left in (
        (("activity.task_queue",), ["activity.start_to_close_timeout", "activity.summary"]),
        (("activity.*",), []),
        (("*.summary", "timer.*"), ["activity.task_queue", "activity.start_to_close_timeout"]),
    ):
        verdict = judge(recorded["Activity"], changed, policy=StrictPolicy(rules=StrictRules(ignore=ignore)))
        assert [drift.field for drift in verdict.drifts] == left
        assert verdict.outcome is (Outcome.DRIFTED if left else Outcome.CONSISTENT)


def test_the_rules_of_one_workflow_hold_for_it_alone(recorded: Recorded) -> None:
    own = StrictRules(ignore=("activity.task_queue",))
    changed = story("Activity", task_queue="other")
    for name, outcome in (("Activity", Outcome.CONSISTENT), ("Timer", Outcome.DRIFTED)):
        verdict = judge(recorded["Activity"], changed, policy=StrictPolicy(workflows={name: own}))
        assert verdict.outcome is outcome


@pytest.mark.parametrize(
    ("pattern", "field", "covered"),
    [
        ("activity.arguments", "activity.arguments[0].amount", True),
        ("activity.arguments[0]", "activity.arguments[0].amount", True),
        ("activity.arguments[0].amount", "activity.arguments[0].amount", True),
        ("activity.arguments[1]", "activity.arguments[0].amount", False),
        ("activity", "activity.task_queue", True),
        ("activity", "activity_id.x", False),
        ("activity.task", "activity.task_queue", False),
        ("*.task_queue", "child_workflow.task_queue", True),
        ("timer.*", "timer.start_to_fire_timeout", True),
        ("timer.*", "cancel_timer.target", False),
        ("memo.note", "memo.note\nwith a line", False),
    ],
)
def test_patterns(pattern: str, field: str, covered: bool) -> None:
    assert is_ignored(field, [pattern]) is covered


def test_severities() -> None:
    cosmetic = [
        "activity.summary",
        "nexus.headers.x",
        "cancel_external.reason",
        "workflow.failure.cause.message",
    ]
    assert {severity_of(field) for field in cosmetic} == {Severity.COSMETIC}
    behavioural = [
        "activity.task_queue",
        "workflow.failure.type",
        "memo.summary_of_it",
        "workflow.result.message",
    ]
    assert {severity_of(field) for field in behavioural} == {Severity.BEHAVIOURAL}


CODED = [
    ("Coded", {"amount": 11}, "activity.arguments[0].amount", 10, 11),
    ("Coded", {"child": "y"}, "child_workflow.input[0]", "x", "y"),
    ("Coded", {"result": "lost"}, "workflow.result", "charged", "lost"),
    ("Coded", {"summary": "t"}, "activity.summary", "s", "t"),
    ("CodedFailure", {"detail": 2}, "workflow.failure.details[0]", 1, 2),
    ("CodedFailure", {"text": "never"}, "workflow.failure.message", "no", "never"),
]


@pytest.mark.parametrize(("name", "changed", "field", "before", "after"), CODED, ids=lambda value: str(value))
def test_payloads_of_a_codec_are_read(
    name: str, changed: dict[str, Any], field: str, before: object, after: object, recorded: Recorded
) -> None:
    verdict = judge(recorded[name], coded.story(name, **changed), data_converter=coded.CONVERTER)
    (drift,) = verdict.drifts
    assert (drift.field, drift.recorded, drift.produced) == (field, before, after)


@pytest.mark.parametrize("name", coded.NAMES)
def test_unchanged_code_with_a_codec_has_no_drift(name: str, recorded: Recorded) -> None:
    verdict = judge(recorded[name], coded.story(name), data_converter=coded.CONVERTER)
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())


def test_the_codec_runs_whether_or_not_the_caller_stands_in_an_event_loop(recorded: Recorded) -> None:
    async def inside() -> Outcome:
        return judge(recorded["Coded"], coded.story("Coded"), data_converter=coded.CONVERTER).outcome

    assert asyncio.run(inside()) is Outcome.CONSISTENT


class Locked(PayloadCodec):
    """Closes what the code gives out, and opens nothing of it."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if any(b"amount" in payload.data for payload in payloads):
            raise PermissionError("the key is gone")
        return list(payloads)


def test_a_codec_that_refuses_leaves_the_history_unjudged(recorded: Recorded) -> None:
    args = [{"amount": 11}, "x"]
    verdict = judge(
        recorded["Activity"],
        story("Activity", args=args),
        data_converter=DataConverter(payload_codec=Locked()),
    )
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.UNDECODABLE_PAYLOAD)
    assert "PermissionError: the key is gone" in (verdict.message or "")


def test_a_history_of_a_worker_with_a_codec_that_is_not_configured_shows_no_base64(
    recorded: Recorded,
) -> None:
    verdict = judge(recorded["CodedFailure"], coded.story("CodedFailure"))
    text = "\n".join(str(drift.recorded) for drift in verdict.drifts)
    assert "bytes of encoding binary/scrambled" in text


def test_a_drifted_verdict_says_how_much_was_compared(recorded: Recorded) -> None:
    verdict = judge(recorded["Timer"], story("Timer", duration=seconds(1)))
    assert verdict.outcome is Outcome.DRIFTED
    assert verdict.commands_compared == 2
    assert verdict.message == "event 5: timer.start_to_fire_timeout was 50 ms, is 1 s"
    assert (verdict.reason, verdict.divergence) == (None, None)
