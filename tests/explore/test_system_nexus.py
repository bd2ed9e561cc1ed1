"""Signal-with-start from a workflow: the service answers such an operation itself, in an envelope."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter, SerializationContext

from replaykit.config import StrictPolicy, WorkerConfig
from replaykit.explore.growing.grow import grow
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Opening
from replaykit.history import event_name
from replaykit.replay.sdk.envelopes import answer_to, opened
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.verdict import Outcome
from tests.explore.directing import AtRandom
from tests.replay.samples import ROOT
from tests.replay.strict import coded, stories

if not stories.HAS_SIGNAL_WITH_START:
    pytest.skip("needs temporalio 1.35", allow_module_level=True)


class Scramble(coded.Scramble):
    """Opens in every context: a grown history's payloads are closed without one."""

    def with_context(self, context: SerializationContext) -> Scramble:
        return self


_STORIES: list[tuple[Any, str, Any]] = [
    (stories, "SignalsWithStart", None),
    (coded, "CodedSignal", DataConverter(payload_codec=Scramble())),
]


def _scheduled(events: tuple[HistoryEvent, ...]) -> Any:
    (event,) = [event for event in events if event_name(event) == "NexusOperationScheduled"]
    return event.nexus_operation_scheduled_event_attributes


@pytest.mark.parametrize(("module", "name", "converter"), _STORIES, ids=lambda value: str(value)[:16])
def test_the_code_goes_on_with_the_answer(module: Any, name: str, converter: Any) -> None:
    cls = module.story(name)
    worker = Worker(
        config=WorkerConfig(),
        workflows=(cls,),
        names=(name,),
        has_dynamic=False,
        data_converter=converter,
    )
    engine = Warm(worker, root=ROOT)
    ends = set()
    with ReplaySession(worker, root=ROOT, timeout_s=20, strict=StrictPolicy()) as session:
        for seed in range(6):
            grown = grow(engine, Opening(workflow_type=name), AtRandom(cls, seed), most_steps=8)
            assert grown.failure is None, grown.failure.message
            ends.add(grown.history.status)
            if any(event_name(event) == "NexusOperationCompleted" for event in grown.history.events):
                verdict = session.judge(grown.history, name=name)
                assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())
    engine.close()
    assert "COMPLETED" in ends
    request: Any = opened(_scheduled(grown.history.events).input)
    encoding = request.input.payloads[0].metadata["encoding"]
    assert encoding == (b"binary/scrambled" if converter is not None else b"json/plain")


def test_only_an_envelope_has_an_answer() -> None:
    assert answer_to(Payload(metadata={"encoding": b"json/plain"}, data=b"1"), "run") is None
