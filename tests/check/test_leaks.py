"""No verdict depends on other histories: state that runs share is put back, or a new process judges."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from replaykit.check import Check, ChildCheck, Judge, check
from replaykit.check.self_test import self_test
from replaykit.config import load_config
from replaykit.trust import FindingKind
from replaykit.verdict import Outcome, Reason, Report
from tests.plugin.project import write_project

FLOWS = """\
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    {imports}

SOON = timedelta(seconds=10)


@workflow.defn{sandboxed}
class DataProcessingWorkflow:
    @workflow.run
    async def run(self, source: str, queue: str | None = None) -> int:
        {lazily}
        rows = 7
        if {is_cold}:
            rows = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=SOON)
            {keep}
        return await workflow.execute_activity("load_total", rows, start_to_close_timeout=SOON)
"""
"""Consistent with its fixture where nothing is left by another run; else the first activity is missing."""


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Modules of one test are not those of the next."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for name in [name for name in sys.modules if name.split(".")[0] in ("flows", "leaky", "late")]:
        del sys.modules[name]


def project(
    root: Path,
    leaky: str,
    is_cold: str,
    keep: str,
    *,
    imports: str = "import leaky",
    lazily: str = "pass",
    sandboxed: bool = True,
) -> Path:
    code = FLOWS.format(
        imports=imports,
        lazily=lazily,
        is_cold=is_cold,
        keep=keep,
        sandboxed="" if sandboxed else "(sandboxed=False)",
    )
    write_project(root, code=code, copies=3)
    (root / "leaky.py").write_text(leaky, encoding="utf-8")
    return root


def here(root: Path) -> Check:
    """A judge of this process, which asks a child where it cannot go on itself: as pytest has it."""
    config = load_config(root)
    return Check(config, make_elsewhere=lambda imported: ChildCheck(config, imported=imported))


def in_child(root: Path) -> ChildCheck:
    return ChildCheck(load_config(root))


def of(root: Path, judge: Judge) -> Report:
    return check(judge, sorted((root / "histories").rglob("*.json")))


def names(report: Report) -> list[str]:
    return [finding.subject for finding in report.findings if finding.kind is FindingKind.SHARED_STATE]


PUT_BACK = {
    "a dict": ("CACHE = {}", "'rows' not in leaky.CACHE", "leaky.CACHE['rows'] = rows", "leaky.CACHE"),
    "an instance": (
        "class Agent:\n    tools = None\n\nAGENT = Agent()",
        "leaky.AGENT.tools is None",
        "leaky.AGENT.tools = [rows]",
        "leaky.AGENT",
    ),
    "a rebound global": ("LAST = None", "leaky.LAST is None", "leaky.LAST = rows", "leaky.LAST"),
    "a class attribute": (
        "class Agent:\n    runs = 0",
        "not leaky.Agent.runs",
        "leaky.Agent.runs += 1",
        "leaky.Agent",
    ),
    "a closure": (
        "def counting():\n    seen = []\n    def see(): seen.append(1); return len(seen)\n    return see\n"
        "see = counting()",
        "leaky.see() == 1",
        "pass",
        "leaky.see",
    ),
    "a cached object": (
        "import functools\n\n@functools.cache\ndef agent(): return {}",
        "not leaky.agent()",
        "leaky.agent()['rows'] = rows",
        "leaky.agent",
    ),
}


@pytest.mark.parametrize("kind", PUT_BACK)
def test_state_is_put_back_and_reported(tmp_path: Path, kind: str) -> None:
    leaky, is_cold, keep, name = PUT_BACK[kind]
    root = project(tmp_path, leaky, is_cold, keep)
    with Check(load_config(root)) as judge:
        report = of(root, judge)
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.CONSISTENT] * 3
    assert names(report) == [name]
    (finding,) = (each for each in report.findings if each.kind is FindingKind.SHARED_STATE)
    assert finding.message == (
        f"{name} changed during DataProcessingWorkflow: other runs of the same worker see it"
    )
    assert finding.worker == "default"
    assert report.exit_code == 0


OF_THE_PROCESS = {
    "the path of imports": (
        "import sys\nlast = lambda: sys.path[-1]\nspoil = lambda: sys.path.append('/nowhere')",
        "leaky.last() != '/nowhere'",
        "sys.path",
    ),
    "an environment variable": (
        "import os\nlast = lambda: os.environ.get('REPLAYED')\ndef spoil(): os.environ['REPLAYED'] = '1'",
        "leaky.last() is None",
        "os.environ",
    ),
    "the current folder": (
        "import os\nlast = lambda: os.getcwd()\nspoil = lambda: os.chdir('/')",
        "leaky.last() != '/'",
        "os.getcwd()",
    ),
    "a function of the standard library": (
        "import textwrap\nlast = lambda: textwrap.dedent\ndef spoil(): textwrap.dedent = None",
        "leaky.last() is not None",
        "textwrap.dedent",
    ),
    "a built-in function": (
        "import builtins\nlast = lambda: builtins.ascii\ndef spoil(): builtins.ascii = None",
        "leaky.last() is not None",
        "builtins.ascii",
    ),
}


@pytest.mark.parametrize("kind", OF_THE_PROCESS)
def test_state_of_the_process_is_put_back_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    leaky, is_cold, name = OF_THE_PROCESS[kind]
    monkeypatch.chdir(tmp_path)
    root = project(tmp_path, leaky, is_cold, "leaky.spoil()")
    with Check(load_config(root)) as judge:
        report = of(root, judge)
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.CONSISTENT] * 3
    assert names(report) == [name]
    assert Path.cwd() == tmp_path


def test_a_built_in_function_that_the_sandbox_stands_in_for_is_no_change(tmp_path: Path) -> None:
    root = project(tmp_path, "", "True", "len(str(input))")
    with Check(load_config(root)) as judge:
        report = of(root, judge)
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.CONSISTENT] * 3
    assert names(report) == []


def test_without_a_sandbox_the_module_of_the_workflow_is_shared_too(tmp_path: Path) -> None:
    root = project(tmp_path, "", "not SEEN", "SEEN.append(1)", imports="SEEN = []", sandboxed=False)
    with Check(load_config(root)) as judge:
        report = of(root, judge)
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.CONSISTENT] * 3
    assert names(report) == ["flows.SEEN"]


def test_in_the_sandbox_the_module_of_the_workflow_is_not_shared(tmp_path: Path) -> None:
    root = project(tmp_path, "", "not SEEN", "SEEN.append(1)", imports="SEEN = []")
    with Check(load_config(root)) as judge:
        report = of(root, judge)
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.CONSISTENT] * 3
    assert names(report) == []


def test_what_the_test_run_itself_changes_is_nobodys(tmp_path: Path) -> None:
    root = project(tmp_path, "CACHE = {}", "True", "pass")
    paths = sorted((root / "histories").rglob("*.json"))
    with Check(load_config(root)) as judge:
        judge.judge(paths[0])
        sys.modules["leaky"].CACHE["by a test"] = 1
        judge.judge(paths[1])
        assert judge.findings == ()
        assert sys.modules["leaky"].CACHE == {"by a test": 1}, "it is left to the test"


NOT_PUT_BACK = {
    "an iterator": ("STREAM = iter([1, 2, 3])", "next(leaky.STREAM) == 1", "pass", "leaky.STREAM"),
    "a generator": (
        "def count():\n    yield from range(9)\n\nCOUNT = count()",
        "next(leaky.COUNT) == 0",
        "pass",
        "leaky.COUNT",
    ),
    "an object of a library": (
        "import types\nBAG = types.SimpleNamespace(rows=None)",
        "leaky.BAG.rows is None",
        "leaky.BAG.rows = rows",
        "leaky.BAG",
    ),
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", NOT_PUT_BACK)
@pytest.mark.parametrize("door", [here, in_child])
@pytest.mark.thinned(2)
def test_what_cannot_be_put_back_is_left_to_a_new_process(
    tmp_path: Path, kind: str, door: Callable[[Path], Check | ChildCheck], monkeypatch: pytest.MonkeyPatch
) -> None:
    leaky, is_cold, keep, name = NOT_PUT_BACK[kind]
    root = project(tmp_path, leaky, is_cold, keep)
    monkeypatch.syspath_prepend(root)
    with door(root) as judge:
        report = of(root, judge)
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.CONSISTENT] * 3
    assert names(report) == [name]


@pytest.mark.exhaustive
@pytest.mark.parametrize("door", [here, in_child])
@pytest.mark.thinned(2)
def test_a_module_that_a_run_is_the_first_to_import(
    tmp_path: Path, door: Callable[[Path], Check | ChildCheck], monkeypatch: pytest.MonkeyPatch
) -> None:
    lazily = "with workflow.unsafe.imports_passed_through():\n            import late"
    root = project(
        tmp_path, "", "not late.SEEN", "late.SEEN.append(1)", imports="pass", lazily=lazily, sandboxed=False
    )
    (root / "late.py").write_text("SEEN = []\n", encoding="utf-8")
    monkeypatch.syspath_prepend(root)
    with door(root) as judge:
        report = of(root, judge)
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.CONSISTENT] * 3
    assert names(report) == ["late.SEEN"]


def test_a_self_test_is_not_fooled_by_state_that_it_left_itself(tmp_path: Path) -> None:
    leaky, is_cold, keep, name = PUT_BACK["a dict"]
    root = project(tmp_path, leaky, is_cold, keep)
    with Check(load_config(root)) as judge:
        result = self_test(judge, sorted((root / "histories").rglob("*.json")))
        assert [finding.subject for finding in judge.findings] == [name]
    assert not result.is_broken
    assert result.untested == ()


SPOILS_A_LIBRARY = """
import temporalio.converter

def spoil():
    of = temporalio.converter.JSONPlainPayloadConverter
    usual, calls = of.from_payload, []

    def from_payload(*arguments):
        calls.append(1)
        if len(calls) > 1:
            raise RuntimeError("spoiled")
        return usual(*arguments)

    of.from_payload = from_payload
"""


@pytest.mark.exhaustive
def test_what_no_snapshot_holds_costs_no_verdict(tmp_path: Path) -> None:
    root = project(tmp_path, SPOILS_A_LIBRARY, "True", "leaky.spoil()", sandboxed=False)
    with in_child(root) as judge:
        report = of(root, judge)
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.CONSISTENT] * 3
    assert names(report) == [verdict.history for verdict in report.verdicts[1:]]
    assert "judged again in a new process: after other histories it was unjudged (" in (
        report.findings[0].message
    )


@pytest.mark.exhaustive
def test_what_a_new_process_confirms_is_asked_once(tmp_path: Path) -> None:
    code = (
        "import os\nNOTED = os.environ['NOTED']\ndef spoil():\n    with open(NOTED, 'a') as f: f.write('.')\n"
    )
    root = project(tmp_path, code, "True", "leaky.spoil(); raise ValueError('always')", sandboxed=False)
    noted = tmp_path / "noted"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOTED", str(noted))
        with in_child(root) as judge:
            report = of(root, judge)
    assert [verdict.reason for verdict in report.verdicts] == [Reason.WORKFLOW_TASK_FAILED] * 3
    assert names(report) == []
    assert len(noted.read_text()) == 4, "the second one twice, the others once"
