"""Finding workflow classes: what the configuration names, imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from replaykit.config import Config, WorkerConfig
from replaykit.errors import WorkflowCodeError
from replaykit.replay.workers import Worker, load_worker

HEAD = "from temporalio import workflow\n\n"
RUN = "    @workflow.run\n    async def run(self) -> None: ...\n\n"


def definition(cls: str, arguments: str = "") -> str:
    return f"@workflow.defn{arguments}\nclass {cls}:\n{RUN}\n"


@pytest.fixture(autouse=True)
def _modules_forgotten() -> Iterator[None]:
    """Each test's modules are its own."""
    before, path = set(sys.modules), list(sys.path)
    yield
    for name in set(sys.modules) - before:
        if name.split(".")[0].startswith("sample_"):
            del sys.modules[name]
    sys.path[:] = path


def load(root: Path, *workflows: str, **keys: str | tuple[str, ...]) -> Worker:
    worker = WorkerConfig(workflows=workflows, **keys)  # type: ignore[arg-type]
    return load_worker(Config(root=root, workers=(worker,)), worker)


def test_a_module_is_scanned(tmp_path: Path) -> None:
    (tmp_path / "sample_a.py").write_text(HEAD + definition("A") + definition("B", "(name='Bee')"))
    worker = load(tmp_path, "sample_a")
    assert worker.names == ("A", "Bee")
    assert worker.knows("Bee")
    assert not worker.knows("B")
    assert worker.names_like("Beee") == ["Bee"]


def test_a_package_is_scanned_with_all_below_it(tmp_path: Path) -> None:
    deep = tmp_path / "sample_b" / "deep"
    deep.mkdir(parents=True)
    (tmp_path / "sample_b" / "__init__.py").write_text("")
    (deep / "__init__.py").write_text("from sample_b.deep.one import One\n")
    (deep / "one.py").write_text(HEAD + definition("One"))
    (deep / "__main__.py").write_text("raise SystemExit('not to be run')")
    assert load(tmp_path, "sample_b").names == ("One",)


def test_a_dynamic_workflow_knows_every_type(tmp_path: Path) -> None:
    source = HEAD + (
        "from collections.abc import Sequence\nfrom temporalio.common import RawValue\n\n"
        "@workflow.defn(dynamic=True)\nclass Any:\n"
        "    @workflow.run\n    async def run(self, args: Sequence[RawValue]) -> None: ...\n"
    )
    (tmp_path / "sample_c.py").write_text(source)
    worker = load(tmp_path, "sample_c")
    assert worker.knows("whatever")
    assert worker.names == ()


def test_one_class_named_twice_is_one(tmp_path: Path) -> None:
    (tmp_path / "sample_d.py").write_text(HEAD + definition("D"))
    (tmp_path / "sample_e.py").write_text("from sample_d import D\n")
    assert load(tmp_path, "sample_d", "sample_e", "sample_d:D").names == ("D",)


def test_two_classes_of_one_type_name_both_places(tmp_path: Path) -> None:
    for name in ("sample_f", "sample_g"):
        (tmp_path / f"{name}.py").write_text(HEAD + definition("Order"))
    with pytest.raises(WorkflowCodeError) as caught:
        load(tmp_path, "sample_f", "sample_g")
    message = str(caught.value)
    assert "two classes are workflow type 'Order'" in message
    for name in ("sample_f", "sample_g"):
        assert f"{name}:Order ({tmp_path / name}.py:3)" in message


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"data_converter": "sample_h"}, "expected module:attribute"),
        ({"data_converter": "sample_h:converte"}, "Did you mean 'converter'?"),
        ({"interceptors": ("sample_nowhere:X",)}, "no module named 'sample_nowhere'"),
        (
            {"workflow_failure_exception_types": ("sample_h:converter",)},
            "is an object of class builtins.int, and an exception class is expected",
        ),
    ],
)
def test_what_a_worker_is_given_may_be_wrong(
    tmp_path: Path, keys: dict[str, str | tuple[str, ...]], message: str
) -> None:
    (tmp_path / "sample_h.py").write_text(HEAD + "converter = 1\n\n" + definition("H"))
    with pytest.raises(WorkflowCodeError) as caught:
        load(tmp_path, "sample_h", **keys)
    assert message in str(caught.value)


def test_what_a_worker_is_given(tmp_path: Path) -> None:
    source = HEAD + (
        "from temporalio.converter import DataConverter\nfrom temporalio.worker import Interceptor\n"
        "from temporalio.worker import UnsandboxedWorkflowRunner\n\n"
        "class Codec: converter = DataConverter.default\nclass Trace(Interceptor): ...\n"
        "trace = Trace()\nclass Fatal(Exception): ...\n\n"
    )
    (tmp_path / "sample_i.py").write_text(source + definition("I"))
    worker = load(
        tmp_path,
        "sample_i",
        data_converter="sample_i:Codec.converter",
        interceptors=("sample_i:Trace", "sample_i:trace"),
        workflow_runner="sample_i:UnsandboxedWorkflowRunner",
        workflow_failure_exception_types=("sample_i:Fatal", "ValueError"),
    )
    module = sys.modules["sample_i"]
    assert worker.data_converter is module.Codec.converter
    assert [type(interceptor) for interceptor in worker.interceptors] == [module.Trace, module.Trace]
    assert worker.interceptors[1] is module.trace
    assert isinstance(worker.workflow_runner, module.UnsandboxedWorkflowRunner)
    assert worker.workflow_failure_exception_types == (module.Fatal, ValueError)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import sample_missing_dependency\n", "importing it raised ModuleNotFoundError"),
        ("1 / 0\n", "importing it raised ZeroDivisionError: division by zero"),
        ("x = 1\n", "no class with @workflow.defn in this module"),
    ],
)
def test_a_module_may_be_wrong(tmp_path: Path, source: str, message: str) -> None:
    (tmp_path / "sample_j.py").write_text(source)
    with pytest.raises(WorkflowCodeError) as caught:
        load(tmp_path, "sample_j")
    assert message in str(caught.value)
    assert "sample_j" in str(caught.value)
