"""The data converter of a test's workers: the project's, unless another is given."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.converter import DataConverter
from temporalio.worker import ReplayerConfig, UnsandboxedWorkflowRunner, WorkflowRunner

from replaykit.errors import ReplaykitError
from replaykit.explore import assert_deterministic, compatible
from replaykit.explore.plan import engine_of, session_of
from replaykit.replay.wrapping import WrappingPlugin

FLOWS = """\
from datetime import timedelta

from temporalio import workflow


@workflow.defn
class Paying:
    @workflow.run
    async def run(self, amount: int) -> int:
        return await workflow.execute_activity("pay", amount, start_to_close_timeout=timedelta(seconds=9))
"""
CONVERTERS = """\
import dataclasses

from temporalio.converter import DataConverter, PayloadCodec


class Codec(PayloadCodec):
    seen = []

    def __init__(self, name):
        self.name = name

    async def encode(self, payloads):
        self.seen.append(self.name)
        return list(payloads)

    async def decode(self, payloads):
        return list(payloads)


def make():
    return dataclasses.replace(DataConverter.default, payload_codec=Codec("made"))


SHARED = dataclasses.replace(DataConverter.default, payload_codec=Codec("shared"))
OWN = dataclasses.replace(DataConverter.default, payload_codec=Codec("own"))
CODEC = Codec("alone")
"""
WORKER = (
    '[[tool.replaykit.worker]]\nname = "{name}"\nworkflows = ["{module}"]\ndata_converter = "{converter}"\n'
)
SHARED = 'data_converter = "paying_converters:SHARED"\n'


def worker(name: str, converter: str, module: str = "paying_flows") -> str:
    return WORKER.format(name=name, module=module, converter=f"paying_converters:{converter}")


@pytest.fixture(autouse=True)
def forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Modules of one test are not those of the next."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield
    for name in ("paying_flows", "paying_converters"):
        sys.modules.pop(name, None)


def paying(root: Path, table: str) -> Any:
    (root / "paying_flows.py").write_text(FLOWS, encoding="utf-8")
    (root / "paying_converters.py").write_text(CONVERTERS, encoding="utf-8")
    (root / "pyproject.toml").write_text(f"[tool.replaykit]\n{table}\n", encoding="utf-8")
    return importlib.import_module("paying_flows").Paying


def codec_of(workflow: type, **options: Any) -> str | None:
    with session_of(workflow, options) as session:
        codec: Any = session.data_converter.payload_codec
    return codec.name if codec is not None else None


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", None),
        (SHARED, "shared"),
        ('data_converter = "paying_converters:make"', "made"),
        (SHARED + worker("a", "OWN"), "own"),
        (SHARED + worker("b", "OWN", "paying_flows_of_others"), "shared"),
    ],
    ids=["none", "of all workers", "a factory", "of the worker that names it", "not that of another worker"],
)
def test_it_is_the_projects(tmp_path: Path, table: str, expected: str | None) -> None:
    assert codec_of(paying(tmp_path, table)) == expected


def test_one_that_is_given_comes_first(tmp_path: Path) -> None:
    workflow = paying(tmp_path, SHARED)
    assert codec_of(workflow, data_converter=DataConverter.default) is None
    engine = engine_of(workflow, {"data_converter": DataConverter.default})
    assert engine.cold.session.data_converter is DataConverter.default
    engine.close()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('data_converter = "paying_converters:CODEC"', "a PayloadCodec"),
        ('data_converter = "paying_converters"', "expected module:attribute"),
        (worker("a", "OWN") + worker("b", "SHARED"), "Pass the one that is meant: data_converter=CONVERTER."),
    ],
    ids=["a codec", "a module", "several"],
)
def test_a_wrong_one_is_named_before_anything_is_grown(tmp_path: Path, table: str, message: str) -> None:
    with pytest.raises(ReplaykitError) as caught:
        assert_deterministic(paying(tmp_path, table), max_examples=1)
    assert message in str(caught.value)


@pytest.mark.parametrize("both", [False, True], ids=["assert_deterministic", "compatible"])
def test_histories_are_grown_and_judged_with_it(tmp_path: Path, both: bool) -> None:
    workflow = paying(tmp_path, SHARED)
    options: dict[str, Any] = {"max_examples": 3, "workflow_runner": UnsandboxedWorkflowRunner()}
    if both:
        compatible(old=workflow, new=workflow, **options)
    else:
        assert_deterministic(workflow, **options)
    assert set(sys.modules["paying_converters"].Codec.seen) == {"shared"}


class Converts(WrappingPlugin):
    """As plugins of frameworks do: gives a worker a data converter, and leaves the rest."""

    def __init__(self, converter: DataConverter) -> None:
        self.converter = converter

    def wrapped(self, runner: WorkflowRunner) -> WorkflowRunner:
        return runner

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        config["data_converter"] = self.converter
        return config


def test_one_of_a_plugin_writes_the_values(tmp_path: Path) -> None:
    workflow = paying(tmp_path, "")
    module = importlib.import_module("paying_converters")
    plugin = Converts(module.OWN)
    engine = engine_of(workflow, {"plugins": [plugin]})
    assert engine.cold.converter is module.OWN
    assert engine.encoder.has_codec
    engine.close()
    runner = UnsandboxedWorkflowRunner()
    assert_deterministic(workflow, max_examples=3, plugins=[plugin], workflow_runner=runner)
    assert set(module.Codec.seen) == {"own"}
