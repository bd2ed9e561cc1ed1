"""The start of a run under a payload codec: what the code reads is decoded once, and stays encoded once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from contextlib import closing
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import SearchAttributePair
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import StrictPolicy
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.grow import Scripted, grow
from replaykit.explore.scenario import Failure, Opening, Step, StepKind, Subject, Target
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from tests.explore.gallery_workflows import ROOT
from tests.explore.reading_workflows import REGION, Everything


class Turned(PayloadCodec):
    """Turns the data around, and says so."""

    async def encode(self, payloads: Iterable[Payload]) -> list[Payload]:
        return [
            Payload(metadata={"encoding": b"turned"}, data=each.SerializeToString()[::-1])
            for each in payloads
        ]

    async def decode(self, payloads: Iterable[Payload]) -> list[Payload]:
        return [
            Payload.FromString(each.data[::-1]) if each.metadata.get("encoding") == b"turned" else each
            for each in payloads
        ]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"memo": {"tier": "gold"}}, "1 None None None None None {'tier': 'gold'} {}"),
        ({"last_result": (7,)}, "1 None None None 7 None {} {}"),
        ({"attempt": 2, "last_failure": Failure(type="S")}, "2 None None None None S: it failed {} {}"),
        (
            {"search_attributes": (SearchAttributePair(REGION, "eu"),)},  # no codec sees these
            "1 None None None None None {} {'Region': 'eu'}",
        ),
    ],
    ids=["memo", "last result", "last failure", "search attribute"],
)
def test_the_code_reads_it_and_its_replay_is_consistent(fields: dict[str, Any], shown: str) -> None:
    worker = _worker()
    with closing(Cold(worker, root=ROOT)) as cold:
        grown = grow(cold, Opening(workflow_type="Everything", **fields), Scripted(()))
    scheduled = grown.history.events[4].activity_task_scheduled_event_attributes
    assert scheduled.activity_id == shown
    with ReplaySession(worker, root=ROOT, timeout_s=20, strict=StrictPolicy()) as session:
        assert str(session.judge(grown.history, name="grown").outcome) == "consistent"


def test_the_next_run_is_given_the_memo_encoded_once() -> None:
    opening = Opening(workflow_type="Everything", memo={"tier": "gold"}, suggested_from=1)
    target = Target(subject=Subject.ACTIVITY, name="read")
    done = Step(kind=StepKind.COMPLETES, target=target, values=(None,))
    with closing(Cold(_worker(), root=ROOT)) as cold:
        grown = grow(cold, opening, Scripted([done]))
    last = grown.history.events[-1].workflow_execution_continued_as_new_event_attributes
    assert Payload.FromString(last.memo.fields["tier"].data[::-1]).data == b'"gold"'
    assert grown.next is not None
    assert (grown.next.memo, grown.next.suggested_from) == ({"tier": "gold"}, 0)


def _worker() -> Worker:
    converter = dataclasses.replace(DataConverter.default, payload_codec=Turned())
    return worker_of([Everything], workflow_runner=UnsandboxedWorkflowRunner(), data_converter=converter)
