"""Workflows that depend on one condition each are found, by that name; sound ones are left in peace."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow

from replaykit.check import Fixture, fixtures_of
from replaykit.config import Config, WorkerConfig, load_config
from replaykit.errors import ConfigError
from replaykit.perturb import AXES, Case, engine, perturb
from replaykit.verdict import Instability, Perturbation, Verdict
from tests.check.gallery import checked
from tests.perturb.samples import CONFIG, HISTORIES, SAMPLES
from tests.plugin.project import UNCHANGED, write_project

_ROOT = Path(__file__).parents[2]
_ADDRESSES_OF_THEIR_OWN = "SetOfPlainObjects"
"""Nothing sets where its objects lie: what is changed too can be named in place of the addresses."""


def cases_of(config: Config, *paths: Path) -> tuple[Case, ...]:
    fixtures = fixtures_of(config, paths)
    return Case.all_of((path, Fixture.of(verdict)) for path, verdict in judged(config, fixtures))


def judged(config: Config, fixtures: tuple[Path, ...]) -> list[tuple[Path, Verdict]]:
    return list(zip(fixtures, checked(config, fixtures).verdicts, strict=True))


def _of(perturbation: Perturbation, name: str) -> list[Instability]:
    return [each for each in perturbation.instabilities if each.workflow_type == name]


def test_every_axis_has_a_workflow_that_depends_on_it() -> None:
    assert set(AXES) <= {sample.axis for sample in SAMPLES}


@pytest.mark.exhaustive
def test_what_a_workflow_depends_on_is_named() -> None:
    """One test, since all are perturbed at once: that takes a minute, and two workers would do it twice."""
    shaky = perturb(CONFIG, cases_of(CONFIG), rounds=4)
    assert shaky.broken == ()
    assert shaky.exit_code == 1
    assert shaky.histories == len(SAMPLES)
    axes = {sample.name: [each.axis for each in _of(shaky, sample.name)] for sample in SAMPLES}
    assert axes.pop(_ADDRESSES_OF_THEIR_OWN)
    assert axes == {sample.name: [sample.axis] for sample in SAMPLES if sample.name in axes}
    for each in shaky.instabilities:
        assert each.usual != each.perturbed, each
        assert each.source is not None, each
        assert each.source.file.startswith("tests/perturb/shaky/")
        text = (_ROOT / each.source.file).read_text(encoding="utf-8").splitlines()[each.source.line - 1]
        assert "workflow." in text, each
        assert each.cure


@pytest.mark.weekly
def test_no_alarm_over_the_gallery() -> None:
    config = load_config(_ROOT)
    cases = cases_of(config)
    answer = perturb(config, cases, rounds=4)
    assert answer.instabilities == ()
    assert answer.broken == ()
    assert answer.histories == len(cases) > 50
    assert answer.exit_code == 0


def _with_code(module: str, *, timeout_s: float = 60) -> Config:
    workers = (WorkerConfig(workflows=(f"tests.perturb.trouble.{module}",)),)
    return dataclasses.replace(CONFIG, workers=workers, timeout_s=timeout_s)


@pytest.mark.exhaustive
def test_a_run_that_breaks_is_reported_and_never_green() -> None:
    config = _with_code("breaking", timeout_s=4.0)
    cases = cases_of(config, *(HISTORIES / name for name in ("HostName", "IsReplaying", "Uuid4")))
    answer = perturb(config, cases, rounds=1)
    assert answer.instabilities == ()
    assert {Path(each.history or "").parent.name for each in answer.broken} == {"HostName", "IsReplaying"}
    assert any("the process ended with exit code 7" in each.message for each in answer.broken)
    assert answer.histories == 2, "the others were still compared"
    assert answer.exit_code == 2


@pytest.mark.weekly
def test_code_that_cannot_be_imported_under_other_conditions_is_imported_as_ever() -> None:
    config = _with_code("particular")
    answer = perturb(config, cases_of(config, HISTORIES / "Uuid4"), rounds=1)
    assert answer.broken == ()
    assert [each.axis for each in answer.instabilities] == ["random seed"]


@pytest.mark.exhaustive
def test_code_that_cannot_be_loaded_at_all_breaks_every_run() -> None:
    config = _with_code("particular")
    cases = cases_of(config, HISTORIES / "Uuid4")
    answer = perturb(_with_code("missing"), cases, rounds=1)
    assert {each.history for each in answer.broken} == {None}
    assert "no module named" in answer.broken[0].message
    assert answer.histories == 0
    assert answer.exit_code == 2


@pytest.mark.exhaustive
def test_what_another_sdk_does_not_let_be_changed_is_named_and_never_green(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Its module changes the SDK of every process that imports it: of this one too, and only for this test.
    runtime: Any = vars(workflow)["_Runtime"]
    monkeypatch.setattr(workflow, "_Runtime", runtime)
    monkeypatch.delitem(sys.modules, "tests.perturb.trouble.renamed", raising=False)
    config = _with_code("renamed")
    answer = perturb(config, cases_of(config, HISTORIES / "Uuid4"), rounds=1)
    assert answer.instabilities == ()
    assert answer.histories == 1, "it was compared all the same"
    messages = sorted(each.message for each in answer.broken)
    assert [message.partition(". ")[0].partition("needs ")[2] for message in messages] == [
        "(is_replaying)",
        "(task addresses)",
    ]
    assert answer.exit_code == 2


def test_nothing_to_perturb_is_never_green() -> None:
    assert perturb(CONFIG, ()).exit_code == 2


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    none: Callable[[str], ModuleSpec | None] = lambda name: None  # noqa: E731
    monkeypatch.setattr(engine, "find_spec", none)
    with pytest.raises(ConfigError, match=r"temporal-replaykit\[explore\]"):
        perturb(CONFIG, (Case(path=HISTORIES, name="any", worker="default"),))


def test_a_history_whose_workflow_nobody_runs_is_no_case() -> None:
    assert cases_of(_with_code("particular"), HISTORIES / "HostName") == ()


@pytest.mark.weekly
def test_a_stuck_worker_is_not_waited_for_history_by_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = UNCHANGED.replace("@workflow.defn\n", "@workflow.defn(sandboxed=False)\n")
    stuck = "import time\n" + stuck.replace("        rows =", "        time.sleep(600)\n        rows =", 1)
    fixtures = write_project(tmp_path, code=stuck, copies=6)
    monkeypatch.syspath_prepend(tmp_path)
    config = dataclasses.replace(load_config(tmp_path), timeout_s=0.3)
    cases = Case.all_of((path, _fixture(path)) for path in fixtures)
    answer = perturb(config, cases, rounds=1)
    assert answer.exit_code == 2
    for name in (str(path) for path in fixtures[3:]):
        messages = {each.message for each in answer.broken if each.history == name}
        assert all(message.startswith("not replayed: 3 replays of its worker") for message in messages)
        assert messages
    assert {each.history for each in answer.broken} == {str(path) for path in fixtures}


def _fixture(path: Path) -> Fixture:
    return Fixture(history=str(path), workflow_type="DataProcessingWorkflow", worker="default")
