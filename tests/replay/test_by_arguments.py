"""What arguments show about a divergence, beyond the pairs of `tests/pairs/code/rounds.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter, PayloadCodec

from replaykit.config import StrictPolicy, WorkerConfig
from replaykit.history import History, find_fixtures, read_history
from replaykit.replay import by_arguments
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.verdict import Divergence, Verdict
from tests.pairs.code import rounds
from tests.pairs.runs import HISTORIES
from tests.replay.samples import with_events

ROOT = Path(__file__).parents[2]


class Backwards(PayloadCodec):
    """Stands in for encryption."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(metadata={"encoding": b"backwards"}, data=p.SerializeToString()[::-1]) for p in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload.FromString(payload.data[::-1]) for payload in payloads]


class Locked(Backwards):
    """Has the key of results, which are strings here, and not that of arguments."""

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        decoded = await super().decode(payloads)
        if any(payload.data.isdigit() for payload in decoded):
            raise ValueError("no key")
        return decoded


def history_of(workflow_type: str) -> History:
    (path,) = find_fixtures([HISTORIES / workflow_type])
    return read_history(path)


def judged(
    history: History, cls: type, *, codec: PayloadCodec | None = None, strict: bool = False
) -> tuple[Verdict, Divergence]:
    worker = Worker(
        config=WorkerConfig(),
        workflows=(cls,),
        names=(history.workflow_type or "",),
        has_dynamic=False,
        data_converter=DataConverter(payload_codec=codec) if codec is not None else None,
    )
    policy = StrictPolicy() if strict else None
    with ReplaySession(worker, root=ROOT, timeout_s=20, evidence=True, strict=policy) as session:
        verdict = session.judge(history, name="x")
    assert verdict.divergence is not None, verdict
    return verdict, verdict.divergence


def coded(history: History) -> History:
    """The History as a worker with the codec would have recorded it."""

    def change(events: list[HistoryEvent]) -> list[HistoryEvent]:
        for event in events:
            for field, name in (
                ("activity_task_scheduled_event_attributes", "input"),
                ("activity_task_completed_event_attributes", "result"),
            ):
                if event.HasField(field):  # type: ignore[arg-type]
                    for payload in getattr(getattr(event, field), name).payloads:
                        data = payload.SerializeToString()[::-1]
                        payload.CopyFrom(Payload(metadata={"encoding": b"backwards"}, data=data))
        return events

    return with_events(history, change, status=history.status)


def test_the_message_names_the_change_and_where_temporal_stops() -> None:
    verdict, found = judged(history_of("Rounds"), rounds.AddedFirst)
    assert verdict.message == (
        "event 5: recorded ActivityTaskScheduled item (1), but the code asked for ScheduleActivity item (0); "
        "the arguments show that what the code asked for is new there. "
        "Temporal itself stops later, at event 23"
    )
    assert found.message.endswith("event 23 (WorkflowExecutionCompleted)")
    assert verdict.commands_compared == 0
    assert "HistoryEvent(id: 23, WorkflowExecutionCompleted)" in found.raw


def test_the_rows_are_cut_at_the_change() -> None:
    verdict, found = judged(history_of("Rounds"), rounds.AddedApart)
    assert [step.event_id for step in found.before] == [5]
    assert [(step.event_id, step.matches) for step in verdict.steps[:2]] == [(5, True), (11, False)]
    assert all(not step.matches for step in verdict.steps[1:])
    assert (found.suggestion or "").startswith("this is new")


def test_what_is_gone_is_to_be_kept() -> None:
    verdict, found = judged(history_of("Rounds"), rounds.RemovedMiddle)
    assert "what was recorded is gone there. Temporal itself stops later, at event 17" in (
        verdict.message or ""
    )
    assert 'workflow.patched("without-item")' in (found.suggestion or "")


def test_a_codec_is_asked_and_what_it_hides_is_not_shown() -> None:
    history = coded(history_of("Rounds"))
    _, found = judged(history, rounds.AddedFirst, codec=Backwards())
    assert (found.event_id, found.stopped_at) == (5, 23)
    assert (found.recorded, found.produced) == ("ActivityTaskScheduled item", "ScheduleActivity item")


def test_without_its_key_core_s_event_is_named() -> None:
    _, found = judged(coded(history_of("Rounds")), rounds.AddedFirst, codec=Locked())
    assert (found.event_id, found.stopped_at) == (23, None)


def test_strict_mode_lists_no_drift_of_commands_that_are_no_pair() -> None:
    verdict, found = judged(history_of("Rounds"), rounds.AddedApart, strict=True)
    assert found.stopped_at == 23
    assert verdict.drifts == ()
    verdict, found = judged(history_of("Rounds"), rounds.AddedAmongOthers, strict=True)
    assert found.stopped_at is None
    assert [drift.event_id for drift in verdict.drifts] == [5, 11, 17]


def test_a_run_of_too_many_commands_keeps_core_s_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_arguments, "_MOST_COMMANDS", 3)
    _, found = judged(history_of("Rounds"), rounds.AddedFirst)
    assert (found.event_id, found.stopped_at) == (23, None)


def test_long_arguments_are_shortened() -> None:
    history = history_of("Rounds")
    long = "x" * 200

    def lengthen(events: list[HistoryEvent]) -> list[HistoryEvent]:
        first = events[4].activity_task_scheduled_event_attributes.input.payloads[0]
        first.data = f'{{"text": "{long}"}}'.encode()
        return events

    _, found = judged(with_events(history, lengthen, status=history.status), rounds.RemovedFirst)
    assert found.recorded is not None
    assert found.recorded.endswith("xxx...)")
    assert len(found.recorded) < 80
