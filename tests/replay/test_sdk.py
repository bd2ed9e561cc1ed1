"""The private names of temporalio that replaykit leans on, and what becomes of a judgement without each."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import temporalio.service
import temporalio.worker._replayer as sdk_replayer
from temporalio import activity, workflow
from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import _Definition

from replaykit.check import Check
from replaykit.config import Config, WorkerConfig, load_config
from replaykit.errors import ReplaykitError
from replaykit.explore.values.signatures import result_types, workflow_name
from replaykit.replay.recorder import Recorder, RecordingRunner
from replaykit.replay.sdk import definitions, instance, replayer
from replaykit.replay.workers import load_worker
from replaykit.verdict import Divergence, SuggestionKind
from tests.gallery.blocks.data_processing import DataProcessingWorkflow
from tests.plugin.project import write_project
from tests.replay import trouble
from tests.replay.another_sdk import runtime_without
from tests.replay.samples import data_processing, session_of
from tests.replay.test_cures import BASKET, diverged, judged
from tests.replay.trouble import Differs, Tolerant

CHANGED = (
    r"^temporalio \d+\.\d+ changed internals that replaykit needs \({}\)\. Upgrade replaykit: pip install"
)


# The guards against endless replays


def guarded_worker(runner: RecordingRunner | None) -> Any:
    """A workflow worker as the SDK's Replayer makes it, with just the state that the guards read."""
    replayer.install_guards()
    cls = vars(sdk_replayer)["_WorkflowWorker"]
    worker = object.__new__(cls)
    worker._replaykit_runner = runner
    worker._workflow_failure_exception_types = [Exception]
    worker._workflows = {"Tolerant": _Definition.must_from_class(Tolerant)}
    return worker


def a_runner(deadlock_timeout_s: float | None = None) -> RecordingRunner:
    return RecordingRunner(UnsandboxedWorkflowRunner(), Recorder(), deadlock_timeout_s=deadlock_timeout_s)


def test_core_is_not_asked_to_fail_workflows_in_our_replays_alone() -> None:
    ours = guarded_worker(a_runner())
    assert ours.nondeterminism_as_workflow_fail() is False
    assert ours.nondeterminism_as_workflow_fail_for_types() == set()
    anothers = guarded_worker(None)
    assert anothers.nondeterminism_as_workflow_fail() is True
    assert anothers.nondeterminism_as_workflow_fail_for_types() == {"Tolerant"}


def test_installing_twice_guards_once() -> None:
    replayer.install_guards()
    guarded = vars(sdk_replayer)["_WorkflowWorker"]
    replayer.install_guards()
    assert vars(sdk_replayer)["_WorkflowWorker"] is guarded


class OtherWorker:
    """A workflow worker whose deadlock detector's limit has another name."""

    limit_s = 2

    def __init__(self, **options: object) -> None: ...

    def nondeterminism_as_workflow_fail(self) -> bool:
        return True

    def nondeterminism_as_workflow_fail_for_types(self) -> set[str]:
        return {"Any"}


def test_the_deadlock_detector_follows_the_deadline_or_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with session_of(DataProcessingWorkflow, timeout_s=60) as session:
        session.judge(data_processing(), name="one.json")
    monkeypatch.setattr(sdk_replayer, "_WorkflowWorker", OtherWorker)
    replayer.install_guards()
    other = vars(sdk_replayer)["_WorkflowWorker"](workflow_runner=a_runner(30.0))
    assert other.limit_s == 2
    assert other.nondeterminism_as_workflow_fail() is False, "guarded all the same"


def no_such_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "temporalio.worker._replayer", None)


def no_such_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sdk_replayer, "_WorkflowWorker")


def no_such_method(monkeypatch: pytest.MonkeyPatch) -> None:
    other = type(
        "Other", (), {"nondeterminism_as_workflow_fail": OtherWorker.nondeterminism_as_workflow_fail}
    )
    monkeypatch.setattr(sdk_replayer, "_WorkflowWorker", other)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (no_such_module, r"temporalio\.worker\._replayer"),
        (no_such_class, "_WorkflowWorker"),
        (no_such_method, r"_WorkflowWorker\.nondeterminism_as_workflow_fail_for_types"),
    ],
)
def test_without_the_guards_nothing_is_replayed(
    monkeypatch: pytest.MonkeyPatch, change: Any, name: str
) -> None:
    change(monkeypatch)
    with pytest.raises(ReplaykitError, match=CHANGED.format(name)):
        session_of(DataProcessingWorkflow)


def test_the_release_and_the_cure_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixture, *_ = write_project(tmp_path)
    no_such_class(monkeypatch)
    release = ".".join(temporalio.service.__version__.split(".")[:2])
    with Check(load_config(tmp_path)) as judge, pytest.raises(ReplaykitError) as caught:
        judge.judge(fixture)
    shown = str(caught.value)
    assert f"temporalio {release} changed internals that replaykit needs (_WorkflowWorker)" in shown
    assert f'pip install "temporalio<{release}"' in shown


def test_without_its_debugger_breakpoints_run_outside_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    debugger = pytest.importorskip(
        "temporalio.worker._debugger", reason=f"temporalio {temporalio.service.__version__} has none yet"
    )
    sandboxed, users_own = SandboxedWorkflowRunner(), a_runner()
    assert isinstance(replayer.relaxed_for_debugger(sandboxed), SandboxedWorkflowRunner)
    monkeypatch.delattr(debugger, "_relax_sandbox_for_debugger")
    assert isinstance(replayer.relaxed_for_debugger(sandboxed), UnsandboxedWorkflowRunner)
    assert replayer.relaxed_for_debugger(users_own) is users_own
    monkeypatch.setitem(sys.modules, "temporalio.worker._debugger", None)
    assert isinstance(replayer.relaxed_for_debugger(sandboxed), UnsandboxedWorkflowRunner)


# What is noted at a running workflow


def hide(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(workflow, "_Runtime", runtime_without(*names))


def divergence_of(cls: type) -> tuple[Divergence, bool]:
    """How code that asks for another activity is judged; and whether good code still is consistent."""
    with session_of(cls, DataProcessingWorkflow) as session:
        verdict = session.judge(data_processing(cls.__name__), name="one.json")
        sound = session.judge(data_processing(), name="two.json")
    return diverged(verdict), sound.is_consistent


def test_with_all_names_a_divergence_has_its_line() -> None:
    divergence, is_sound = divergence_of(Differs)
    assert is_sound
    assert divergence.source is not None
    assert divergence.source.file == "tests/replay/trouble.py"


@pytest.mark.parametrize("gone", ["_add_command", "create_task"])
def test_without_the_makers_of_commands_only_the_lines_are_unknown(
    monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    known, _ = divergence_of(Differs)
    hide(monkeypatch, gone)
    unknown, is_sound = divergence_of(Differs)
    assert is_sound
    assert unknown.source is None
    sides = (known.event_id, known.recorded, known.produced)
    assert (unknown.event_id, unknown.recorded, unknown.produced) == sides


class WithoutRuntime:
    """`temporalio.workflow` as replaykit would see it where `_Runtime` is kept elsewhere.

    It is not taken from the module itself: that of temporalio 1.24 holds the SDK's own functions too.
    """

    def __getattr__(self, name: str) -> Any:
        if name == "_Runtime":
            raise AttributeError(name)
        return getattr(workflow, name)


def test_without_the_current_instance_only_what_is_read_there_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known, _ = divergence_of(Differs)
    monkeypatch.setattr(instance, "workflow", WithoutRuntime())
    unknown, is_sound = divergence_of(Differs)
    assert is_sound
    assert unknown.source is None
    assert (unknown.recorded, unknown.produced) == (known.recorded, known.produced)
    assert instance.current_instance() is None


WAITS = BASKET.replace('await workflow.execute_activity("record", start_to_close_timeout=SOON)', "pass")


@pytest.mark.parametrize(
    ("gone", "waiting"),
    [
        ((), ["run"]),
        (("_primary_task",), ["run"]),  # it is one of all tasks
        (("_tasks",), ["run"]),
        (("_primary_task", "_tasks"), []),
    ],
    ids=["none", "_primary_task", "_tasks", "both"],
)
def test_without_its_tasks_only_what_the_code_waits_for_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: tuple[str, ...], waiting: list[str]
) -> None:
    hide(monkeypatch, *gone)
    divergence = diverged(judged(tmp_path, f"waits_{len(gone)}{len(''.join(gone))}", WAITS, "Basket"))
    assert [line.function for line in divergence.waiting] == waiting
    assert divergence.recorded == "ActivityTaskScheduled record"


@pytest.mark.parametrize(
    ("handler", "gone", "cure"),
    [
        ("add", "_buffered_signals", None),
        ("add", "_signals", "signal 'add' (event 5) has no handler in this code. Renamed"),
        ("confirm", "_updates", None),
    ],
)
def test_without_its_handlers_only_a_missing_one_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handler: str, gone: str, cure: str | None
) -> None:
    renamed = BASKET.replace(f"def {handler}(", f"def {handler}_now(")
    known = diverged(judged(tmp_path, f"known{gone}", renamed, "Basket"))
    assert known.suggestion_kind is SuggestionKind.KEEP_HANDLER
    hide(monkeypatch, gone)
    unknown = diverged(judged(tmp_path, f"unknown{gone}", renamed, "Basket"))
    assert (unknown.event_id, unknown.recorded) == (known.event_id, known.recorded)
    if cure is None:
        assert unknown.suggestion_kind is not SuggestionKind.KEEP_HANDLER
    else:
        assert (unknown.suggestion or "").startswith(cure)


def test_without_its_task_a_nexus_operation_stands_for_itself() -> None:
    task = object()
    assert instance.nexus_task(SimpleNamespace(_task=task)) is task
    assert instance.nexus_task(SimpleNamespace()) is None


def test_what_cannot_be_replaced_stays_as_it_is() -> None:
    other = SimpleNamespace()
    assert not instance.answer_not_replaying(other)
    assert not instance.make_tasks_with(other, asyncio.Task, asyncio.Future)
    assert not instance.wrap_patched(other, lambda patched: patched)
    assert not instance.wrap_random(other, lambda draw: draw)
    assert not instance.wrap_makers(other, make_command=lambda make: make, make_task=lambda make: make)
    assert vars(other) == {}


# What the decorators leave


@activity.defn
def named() -> int:
    return 1


def load() -> None:
    worker = WorkerConfig(workflows=("tests.replay.trouble",))
    load_worker(Config(root=Path(), workers=(worker,)), worker)


def test_without_definitions_no_workflow_is_reported_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "_WORKFLOW", "__another_name")
    asks: tuple[Callable[[], object], ...] = (load, lambda: workflow_name(trouble.Fails))
    for ask in asks:
        with pytest.raises(ReplaykitError, match=CHANGED.format("__another_name")):
            ask()
    assert not definitions.is_decorated_workflow(trouble.Fails)


def test_without_definitions_no_activity_is_reported_undecorated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert result_types([named]) == {"named": int}
    monkeypatch.setattr(definitions, "_ACTIVITY", "__another_name")
    with pytest.raises(ReplaykitError, match=CHANGED.format("__another_name")):
        result_types([named])


def test_a_definition_of_another_make_is_named() -> None:
    class Other: ...

    setattr(Other, definitions._WORKFLOW, SimpleNamespace(cls=Other, name="Other"))
    with pytest.raises(ReplaykitError, match="has no attribute 'run_fn'"):
        definitions.workflow_definition(Other)
    setattr(Other, definitions._ACTIVITY, SimpleNamespace())
    with pytest.raises(ReplaykitError, match="has no attribute 'name'"):
        definitions.activity_definition(Other)


def test_the_definition_of_a_base_is_not_that_of_the_class() -> None:
    class Below(trouble.Fails): ...

    assert definitions.workflow_definition(Below) is None
    assert not definitions.is_decorated_workflow(Below)


def test_a_script_goes_by_another_name_in_the_sandbox() -> None:
    assert definitions.module_outside_sandbox("__temporal_main__") == "__main__"
    assert definitions.module_outside_sandbox("__another_main__") == "__another_main__"
