"""What a key of the configuration names: the object, or what makes it; anything else is named in one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.converter import DataConverter
from temporalio.worker import Interceptor, UnsandboxedWorkflowRunner

from replaykit.errors import WorkflowCodeError
from replaykit.replay.configured import (
    DATA_CONVERTER,
    INTERCEPTOR,
    PLUGIN,
    WORKFLOW_RUNNER,
    Expected,
    exception_type,
    object_of,
)

SOURCE = """
import dataclasses
from temporalio import client, converter, worker

class Codec(converter.PayloadCodec):
    async def encode(self, payloads): return payloads
    async def decode(self, payloads): return payloads

class Inbound(worker.WorkflowInboundInterceptor): ...
class OfClient(client.Interceptor): ...
class Trace(worker.Interceptor): ...
class Needy(worker.Interceptor):
    def __init__(self, tracer): ...
class Broken(worker.Interceptor):
    def __init__(self): raise ValueError("no key")

codec = Codec()
value = 3
def converter_of(): return dataclasses.replace(converter.DataConverter.default, payload_codec=Codec())
def converter_for(key): return converter.DataConverter.default
def optional(key=None): return converter.DataConverter.default
async def later(): return converter.DataConverter.default
def codec_of(): return Codec()
def nothing(): return None
def runner(): return worker.UnsandboxedWorkflowRunner()
class Ugly:
    def __repr__(self): raise RuntimeError("never call me")
ugly = Ugly()
"""


@pytest.fixture(autouse=True)
def things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "things.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("things", None)


@pytest.mark.parametrize(
    ("spec", "expected", "kind"),
    [
        ("things:converter_of", DATA_CONVERTER, DataConverter),
        ("things:optional", DATA_CONVERTER, DataConverter),
        ("temporalio.converter:DataConverter.default", DATA_CONVERTER, DataConverter),
        ("temporalio.converter:DataConverter", DATA_CONVERTER, DataConverter),
        ("things:Trace", INTERCEPTOR, Interceptor),
        ("things:runner", WORKFLOW_RUNNER, UnsandboxedWorkflowRunner),
        ("temporalio.worker:UnsandboxedWorkflowRunner", WORKFLOW_RUNNER, UnsandboxedWorkflowRunner),
    ],
)
def test_the_object_or_what_makes_it(spec: str, expected: Expected, kind: type) -> None:
    assert isinstance(object_of(spec, expected, where="key"), kind)


@pytest.mark.parametrize(
    ("spec", "expected", "pieces"),
    [
        ("things:codec", DATA_CONVERTER, ["a PayloadCodec (Codec)", "payload_codec=CODEC"]),
        ("things:Codec", DATA_CONVERTER, ["the class Codec, a PayloadCodec"]),
        ("things:codec_of", DATA_CONVERTER, ["things:codec_of() is a PayloadCodec (Codec)"]),
        ("things:nothing", DATA_CONVERTER, ["things:nothing() is None"]),
        ("things:converter_for", DATA_CONVERTER, ["cannot be called without key"]),
        ("things:later", DATA_CONVERTER, ["is an async function"]),
        ("things:value", DATA_CONVERTER, ["is an object of class builtins.int"]),
        ("things:ugly", DATA_CONVERTER, ["is an object of class things.Ugly"]),
        ("things:converter", DATA_CONVERTER, ["is the module temporalio.converter"]),
        ("things:Inbound", INTERCEPTOR, ["a WorkflowInboundInterceptor", "workflow_interceptor_class"]),
        ("things:OfClient", INTERCEPTOR, ["an interceptor of a client", "leave it out"]),
        ("things:Needy", INTERCEPTOR, ["cannot be called without tracer"]),
        ("things:Broken", INTERCEPTOR, ["calling things:Broken raised ValueError: no key"]),
        ("things:Trace", PLUGIN, ["is the class Trace, and a temporalio.worker.Plugin is expected"]),
        ("things:Trace", WORKFLOW_RUNNER, ["is the class Trace", "UnsandboxedWorkflowRunner"]),
    ],
)
def test_anything_else_is_named_with_what_is_expected(
    spec: str, expected: Expected, pieces: list[str]
) -> None:
    with pytest.raises(WorkflowCodeError) as caught:
        object_of(spec, expected, where="[tool.replaykit] key")
    message = str(caught.value)
    assert message.startswith("[tool.replaykit] key: ")
    assert "\n" not in message
    assert [piece for piece in [*pieces, expected.name] if piece not in message] == []


@pytest.mark.parametrize("spec", ["things:value", "things:nothing", "things:Trace"])
def test_an_exception_class_is_expected(spec: str) -> None:
    with pytest.raises(WorkflowCodeError, match="and an exception class is expected"):
        exception_type(spec, where="key")
