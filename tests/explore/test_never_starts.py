"""Code that never completes its first workflow task is not explored, and never green."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity, workflow
from temporalio.converter import DataConverter, DefaultPayloadConverter

from replaykit.explore import NothingExplored, assert_deterministic, compatible
from tests.conftest import RunReplaykit
from tests.gate.repository import Repository
from tests.report.json_reports import checked

SOON = timedelta(seconds=10)
HERE = Path(__file__).name


@activity.defn
async def greet(name: str) -> str:
    return name


@workflow.defn
class ReadsTheEnvironment:
    @workflow.run
    async def run(self) -> str:
        name = os.environ["NAME"]
        return await workflow.execute_activity(greet, name, start_to_close_timeout=SOON)


@workflow.defn(sandboxed=False)
class LooksUpWhatIsNotThere:
    @workflow.run
    async def run(self) -> str:
        names: dict[str, str] = {}
        return await workflow.execute_activity(greet, names["first"], start_to_close_timeout=SOON)


@workflow.defn(sandboxed=False)
class ImportsWhatIsNotThere:
    @workflow.run
    async def run(self) -> str:
        import nowhere_at_all  # type: ignore[import-not-found]

        return str(nowhere_at_all)


@workflow.defn(sandboxed=False)
class RefusesItsInput:
    @workflow.run
    async def run(self, cents: int) -> str:
        raise ValueError(f"{cents} is no amount")


@workflow.defn(sandboxed=False)
class WaitsForASignal:
    """Its first task has no command at all, and is completed."""

    def __init__(self) -> None:
        self.is_over = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.is_over)

    @workflow.signal
    def end(self) -> None:
        self.is_over = True


@workflow.defn(sandboxed=False)
class FailsTheRun:
    """What fails the workflow completes the task."""

    @workflow.run
    async def run(self) -> None:
        raise _Fatal("at once")


class _Fatal(Exception):
    """Registered below as one that fails the workflow."""


NEVER = {
    LooksUpWhatIsNotThere: "KeyError: 'first'",
    ReadsTheEnvironment: "RestrictedWorkflowAccessError",
    ImportsWhatIsNotThere: "No module named 'nowhere_at_all'",
    RefusesItsInput: "is no amount",
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("code", NEVER, ids=lambda code: code.__name__)
def test_an_assertion_fails(code: type[object]) -> None:
    with pytest.raises(NothingExplored) as caught:
        assert_deterministic(code, max_examples=5)
    text = str(caught.value)
    assert f"nothing of {code.__name__} was explored: in 5 scenarios" in text
    assert NEVER[code] in text
    assert f"{HERE}:" in text
    assert not caught.value.grown.is_started


def test_a_comparison_of_two_fails() -> None:
    with pytest.raises(NothingExplored, match="nothing of RefusesItsInput was explored"):
        compatible(old=RefusesItsInput, new=RefusesItsInput, max_examples=5)


def test_what_waits_without_a_command_is_explored() -> None:
    assert_deterministic(WaitsForASignal, max_examples=5)


def test_what_fails_its_run_at_once_is_explored() -> None:
    assert_deterministic(FailsTheRun, max_examples=3, workflow_failure_exception_types=[_Fatal])


def test_what_only_a_converter_refuses() -> None:
    class Refuses(DefaultPayloadConverter):
        def from_payloads(self, payloads: object, type_hints: object = None) -> list[object]:
            raise RuntimeError("not mine")

    converter = DataConverter(payload_converter_class=Refuses)
    with pytest.raises(NothingExplored, match="nothing of RefusesItsInput was explored"):
        assert_deterministic(RefusesItsInput, max_examples=30, data_converter=converter)


FLOWS = """\
from datetime import timedelta

from temporalio import activity, workflow

SOON = timedelta(seconds=10)


class Connection:
    def __init__(self, socket, /) -> None:
        self.socket = socket


@activity.defn
async def connect() -> Connection: ...


@workflow.defn
class Connects:
    @workflow.run
    async def run(self) -> str:
        return str(await workflow.execute_activity(connect, start_to_close_timeout=SOON))


@workflow.defn
class Never:
    @workflow.run
    async def run(self) -> None:
        {}["key"]


@workflow.defn
class Sound:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("first", start_to_close_timeout=SOON)
        await workflow.execute_activity("second", start_to_close_timeout=SOON)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "repo").mkdir()
    made = Repository(tmp_path / "repo")
    made.code(FLOWS)
    (made.root / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n', encoding="utf-8")
    made.commit("base")
    return made


@pytest.mark.exhaustive
def test_the_others_are_explored(repository: Repository, run_replaykit: RunReplaykit) -> None:
    found = run_replaykit("explore", "--scenarios", "5", "--json", "found.json", cwd=repository.root)
    assert found.returncode == 2, found.stdout + found.stderr
    assert "Never: nothing explored; in 5 scenarios the code never completed its first" in found.stdout
    assert "flows.py:28 in run" in found.stdout
    assert "Sound: 5 scenarios, " in found.stdout
    assert "Connects: not explored: result of activity 'connect': no strategy for type" in found.stderr
    assert "nothing found, 2 not explored; 10 scenarios" in found.stdout
    document = checked((repository.root / "found.json").read_bytes(), "explore")
    assert {each["workflow_type"]: each["started"] for each in document["workflows"]} == {
        "Never": 0,
        "Sound": 5,
    }
    assert [each["workflow_type"] for each in document["lost"]] == ["Connects"]


@pytest.mark.exhaustive
def test_a_divergence_of_another_is_found(repository: Repository, run_replaykit: RunReplaykit) -> None:
    repository.code(FLOWS.replace('"first"', '"changed"'))
    found = run_replaykit("explore", "--base", "main", "--scenarios", "5", cwd=repository.root)
    assert found.returncode == 1, found.stdout + found.stderr
    assert "Connects: not explored: in the base, result of activity 'connect'" in found.stderr
    assert "1 found, 2 not explored" in found.stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["Never", "Connects"])
@pytest.mark.weekly
def test_alone_it_is_nothing(repository: Repository, run_replaykit: RunReplaykit, name: str) -> None:
    for base in ((), ("--base", "main")):
        found = run_replaykit("explore", name, "--scenarios", "3", *base, cwd=repository.root)
        assert found.returncode == 2, found.stdout + found.stderr
        assert found.stderr.splitlines()[-1] == "Error: nothing was explored."


@pytest.mark.exhaustive
def test_an_activity_that_nobody_asks_for_needs_no_strategy(
    repository: Repository, run_replaykit: RunReplaykit
) -> None:
    with (repository.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('[tool.replaykit.explore]\nactivities = ["flows"]\n')
    found = run_replaykit("explore", "Sound", "--scenarios", "3", cwd=repository.root)
    assert found.returncode == 0, found.stdout + found.stderr
