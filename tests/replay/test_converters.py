"""A data converter that blocks or raises what is no Exception: unjudged with its line, and nothing hangs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.worker import Interceptor

from replaykit.config import WorkerConfig
from replaykit.history import History, read_history
from replaykit.replay.converter_steps import cure_of_loss, step_in_stack
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.verdict import Outcome, Reason, Verdict
from tests.gallery.blocks.data_processing import DataProcessingWorkflow
from tests.gallery.blocks.retries import RetryWorkflow
from tests.replay import converters, payload_types, trouble
from tests.replay.samples import HISTORIES, ROOT, data_processing

HERE = "tests/replay/converters.py"
SHORT_S = 1.0


def session(
    cls: type, converter: DataConverter, timeout_s: float = 30.0, interceptors: tuple[Interceptor, ...] = ()
) -> ReplaySession:
    worker = Worker(
        config=WorkerConfig(),
        workflows=(cls,),
        names=(cls.__temporal_workflow_definition.name,),  # type: ignore[attr-defined]
        has_dynamic=False,
        data_converter=converter,
        interceptors=interceptors,
    )
    return ReplaySession(worker, root=ROOT, timeout_s=timeout_s)


def judged(
    cls: type, converter: DataConverter, history: History | None = None, timeout_s: float = 30.0
) -> Verdict:
    name = cls.__temporal_workflow_definition.name  # type: ignore[attr-defined]
    with session(cls, converter, timeout_s) as replays:
        return replays.judge(history or data_processing(name), name="one.json")


def retries() -> History:
    """Holds failures of activities."""
    (path,) = (HISTORIES / "RetryWorkflow").glob("*.json")
    return read_history(path)


def of_codec(codec: PayloadCodec) -> DataConverter:
    return DataConverter(payload_codec=codec)


def line_of(verdict: Verdict) -> tuple[str, str]:
    assert verdict.source is not None, verdict
    return verdict.source.file, verdict.source.function


# What is no Exception


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (lambda: SystemExit("no key file"), "SystemExit: no key file"),
        (KeyboardInterrupt, "KeyboardInterrupt"),
        (lambda: converters.NoKeyFile("none"), "NoKeyFile: none"),
        (lambda: GeneratorExit("left"), "GeneratorExit: left"),
        (lambda: asyncio.CancelledError("a scope was left"), "CancelledError: a scope was left"),
    ],
    ids=["SystemExit", "KeyboardInterrupt", "a class of its own", "GeneratorExit", "CancelledError"],
)
@pytest.mark.parametrize("act", ["decode", "encode"])
def test_a_codec_that_raises_no_exception_is_unjudged_with_its_line(
    error: Callable[[], BaseException], shown: str, act: str
) -> None:
    codec = {"decode": converters.RaisesInDecode, "encode": converters.RaisesInEncode}[act](error())
    verdict = judged(DataProcessingWorkflow, of_codec(codec))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.UNDECODABLE_PAYLOAD), verdict
    assert line_of(verdict) == (HERE, act)
    message = verdict.message or ""
    assert f"could not be {act}d: the codec raised {shown} at {HERE}:" in message
    assert "It is no Exception" in message
    assert "Is the worker's codec configured, with its keys?" in message


def test_the_history_after_one_whose_codec_exits_is_judged_by_the_same_lane() -> None:
    codec = converters.RaisesOnce(SystemExit(3))
    with session(DataProcessingWorkflow, of_codec(codec)) as replays:
        first, second = (replays.judge(data_processing(), name=name) for name in ("one", "two"))
    assert first.reason is Reason.UNDECODABLE_PAYLOAD
    assert second.outcome is Outcome.CONSISTENT


def test_a_codec_that_knows_its_workflow_is_still_given_it() -> None:
    verdict = judged(DataProcessingWorkflow, of_codec(converters.InContext()))
    assert "the codec raised SystemExit: no key for WorkflowSerializationContext" in (verdict.message or "")


def test_a_sound_codec_is_not_in_the_way() -> None:
    assert judged(DataProcessingWorkflow, of_codec(converters.Plain())).outcome is Outcome.CONSISTENT


@pytest.mark.parametrize(
    ("cls", "shown"),
    [
        (converters.ExitsOnReading, "SystemExit: no class for"),
        (converters.RefusesReading, "LookupError: no class for"),
    ],
)
def test_a_failure_that_cannot_be_read_is_the_converters_affair(cls: type, shown: str) -> None:
    verdict = judged(RetryWorkflow, DataConverter(failure_converter_class=cls), retries())
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.UNDECODABLE_PAYLOAD), verdict
    assert line_of(verdict) == (HERE, "from_failure")
    message = verdict.message or ""
    assert message.startswith("a failure of the History could not be decoded: the failure converter raised ")
    assert shown in message
    assert ("It is no Exception" in message) == (cls is converters.ExitsOnReading)


def test_a_failure_converter_that_exits_over_a_workflows_failure_is_not_green() -> None:
    converter = DataConverter(failure_converter_class=converters.ExitsOnWriting)
    verdict = judged(payload_types.FailsPlainly, converter)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED), verdict
    assert line_of(verdict) == (HERE, "to_failure")
    assert "the failure converter raised SystemExit: no template at" in (verdict.message or "")


def test_a_failure_converter_that_exits_hides_nothing_of_the_codes_own_error() -> None:
    converter = DataConverter(failure_converter_class=converters.ExitsOnWriting)
    verdict = judged(payload_types.RaisesPlainly, converter)
    assert (verdict.message or "").startswith("the code raised ValueError: no such source (KeyError: 'b') at")
    assert line_of(verdict) == ("tests/replay/payload_types.py", "run")


# What does not come back


@pytest.mark.parametrize(
    ("codec", "function"),
    [
        (converters.BlocksInDecode(), "_asked_of_key_service"),
        (converters.WaitsInDecode(), "decode"),
        pytest.param(converters.GathersInDecode(), "decode", marks=pytest.mark.exhaustive),
        pytest.param(converters.LoopsInDecode(), "decode", marks=pytest.mark.exhaustive),
        pytest.param(converters.WaitsInEncode(), "encode", marks=pytest.mark.exhaustive),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, PayloadCodec) else "",
)
@pytest.mark.thinned(3)
def test_a_codec_that_does_not_come_back_is_named_with_its_line(codec: PayloadCodec, function: str) -> None:
    began = time.monotonic()
    verdict = judged(DataProcessingWorkflow, of_codec(codec), timeout_s=SHORT_S)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.TIMED_OUT), verdict
    assert line_of(verdict) == (HERE, function)
    message = verdict.message or ""
    assert message.startswith(f"the codec gave no answer within 1 s at {HERE}:")
    assert "Where the codec asks a key service" in message
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("cls", "workflow", "function"),
    [
        (converters.BlocksOnReading, RetryWorkflow, "from_failure"),
        pytest.param(
            converters.BlocksOnWriting,
            payload_types.RaisesPlainly,
            "to_failure",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_a_failure_converter_that_does_not_come_back_is_named(
    cls: type, workflow: type, function: str
) -> None:
    converter = DataConverter(failure_converter_class=cls)
    history = retries() if workflow is RetryWorkflow else None
    verdict = judged(workflow, converter, history, timeout_s=SHORT_S)
    assert verdict.reason is Reason.TIMED_OUT
    assert line_of(verdict) == (HERE, function)
    assert (verdict.message or "").startswith("the failure converter gave no answer within 1 s at")


@pytest.mark.exhaustive
def test_code_that_blocks_is_not_taken_for_the_codec() -> None:
    verdict = judged(trouble.Stubborn, of_codec(converters.Plain()), timeout_s=2)
    assert verdict.reason is Reason.TIMED_OUT
    assert "codec" not in (verdict.message or "")
    assert line_of(verdict) == ("tests/replay/trouble.py", "_loop_on")


@pytest.mark.exhaustive
def test_an_interceptor_that_keeps_the_replayer_from_starting_is_named() -> None:
    with session(
        DataProcessingWorkflow, of_codec(converters.Plain()), SHORT_S, (converters.BlocksAtStart(),)
    ) as replays:
        verdict = replays.judge(data_processing(), name="one.json")
    assert verdict.reason is Reason.TIMED_OUT
    assert line_of(verdict) == (HERE, "workflow_interceptor_class")
    assert "did not start within 1 s at" in (verdict.message or "")


def test_what_ends_the_replayer_has_its_line() -> None:
    with session(
        DataProcessingWorkflow, of_codec(converters.Plain()), 30.0, (converters.ExitsAtStart(),)
    ) as replays:
        verdict = replays.judge(data_processing(), name="one.json")
    assert verdict.reason is Reason.CRASHED
    assert line_of(verdict) == (HERE, "workflow_interceptor_class")


# A codec that ends its process, or holds it up without letting Python run


def test_a_step_of_the_converter_is_found_on_a_stack_of_another_process() -> None:
    guard = ROOT / "replaykit" / "replay" / "converting.py"
    frames = '  File "/app/codec.py", line 3 in look_up\n  File "{file}", line 9 in {name}\n'
    step = step_in_stack(frames.format(file=guard, name="decode"))
    assert step is not None
    assert "let the codec raise an Exception" in cure_of_loss(step)
    step = step_in_stack(frames.format(file=guard, name="from_failure"))
    assert step is not None
    assert "let the failure converter raise" in cure_of_loss(step)
    for file, name in (("/app/converting.py", "decode"), (guard, "guarded")):
        assert step_in_stack(frames.format(file=file, name=name)) is None


# Values that do not encode


@pytest.mark.parametrize("cls", [trouble.SendsADecimal, trouble.AnswersADecimal])
def test_a_value_that_does_not_encode_is_named_with_the_converter_to_configure(cls: type) -> None:
    verdict = judged(cls, DataConverter.default)
    assert verdict.reason is Reason.WORKFLOW_TASK_FAILED
    assert "Object of type Decimal is not JSON serializable" in (verdict.message or "")
    assert "set data_converter of [tool.replaykit] to the worker's own" in (verdict.message or "")
    assert "data_converter" not in (judged(trouble.Raises, DataConverter.default).message or "")
    assert judged(cls, pydantic_data_converter).reason is not Reason.WORKFLOW_TASK_FAILED
