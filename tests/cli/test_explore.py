"""`replaykit explore --base`: the whole command against exit code and output."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from replaykit import demo
from replaykit.history import Source, dump_history, find_fixtures, read_history
from tests.conftest import RunReplaykit
from tests.gate.repository import Repository
from tests.history.builders import SDK, HistoryBuilder, payloads_json
from tests.report.json_reports import checked

PROJECT = Path(demo.__file__).parent / "project"
CONFIG = '[tool.replaykit]\nworkflows = ["flows"]\n'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The demo's first release on `main`; no fixture anywhere."""
    (tmp_path / "repo").mkdir()
    repository = Repository(tmp_path / "repo")
    repository.code((PROJECT / "workflows_v1.py").read_text(encoding="utf-8"))
    (repository.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    repository.commit("base")
    return repository


@pytest.mark.weekly
def test_the_order_bug_is_found_without_any_fixture(
    repository: Repository, run_replaykit: RunReplaykit
) -> None:
    repository.code((PROJECT / "workflows_v2.py").read_text(encoding="utf-8"))
    result = run_replaykit(
        *("explore", "--base", "main", "--scenarios", "10", "--keep", "kept", "--json", "found.json"),
        cwd=repository.root,
    )
    assert result.returncode == 1, result.stderr
    (found,) = checked((repository.root / "found.json").read_bytes(), "explore")["workflows"]
    assert [finding["verdict"]["outcome"] for finding in found["findings"]] == ["diverged"]
    assert "1. OrderWorkflow starts with (" in result.stdout
    assert "flows.py:24 in run" in result.stdout
    assert "workflow.patched(" in result.stdout
    assert len(repository.git("worktree", "list").splitlines()) == 1
    assert find_fixtures([repository.root / "kept"])
    assert run_replaykit("replay", "kept", cwd=repository.root).returncode == 1


@pytest.mark.exhaustive
def test_the_commit_of_the_change_is_named(repository: Repository, run_replaykit: RunReplaykit) -> None:
    repository.git("checkout", "--quiet", "-b", "change")
    code = (PROJECT / "workflows_v2.py").read_text(encoding="utf-8")
    broke = ""
    for text, message in ((code, "Validate"), (f"{code}\n# The end.\n", "A comment")):
        repository.code(text)
        broke = broke or repository.commit(message)
    repository.commit("A comment")
    result = run_replaykit(
        "explore", "--base", "main", "--scenarios", "5", "--json", "found.json", cwd=repository.root
    )
    assert result.returncode == 1, result.stderr
    assert f'  since     {broke[:12]} (just now, "Validate")' in result.stdout.splitlines()
    (found,) = checked((repository.root / "found.json").read_bytes(), "explore")["workflows"]
    assert [finding["verdict"]["since"]["commit"] for finding in found["findings"]] == [broke]


@pytest.mark.weekly
def test_unchanged_code_breaks_nothing(repository: Repository, run_replaykit: RunReplaykit) -> None:
    result = run_replaykit("explore", "--base", "main", "--scenarios", "10", cwd=repository.root)
    assert result.returncode == 0, result.stderr
    assert "nothing found; 10 scenarios" in result.stdout


@pytest.mark.exhaustive
def test_json_is_alone_and_its_folder_is_looked_for_first(
    repository: Repository, run_replaykit: RunReplaykit
) -> None:
    options = ("explore", "--scenarios", "2", "--json")
    refused = run_replaykit(*options, "missing/found.json", cwd=repository.root)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "missing/found.json: the folder missing does not exist" in refused.stderr
    (workflow,) = checked(run_replaykit(*options, "-", cwd=repository.root).stdout, "explore")["workflows"]
    assert (workflow["workflow_type"], workflow["scenarios"]) == ("OrderWorkflow", 2)


REFUSED = """
from datetime import timedelta

from temporalio import workflow

SOON = timedelta(seconds=10)


@workflow.defn
class OrderWorkflow:
    @workflow.run
    async def run(self) -> None:
        answer = await workflow.execute_activity("charge", result_type=str, start_to_close_timeout=SOON)
        if answer[::-1] == "desufer":
            await workflow.execute_activity("REFUND", start_to_close_timeout=SOON)
"""
VALUES = """
from replaykit.explore import Values

values = Values(activities={"charge": "refused"}, failures=0)
"""
NAMES_VALUES = '[tool.replaykit.explore]\nvalues = "given:values"\n'


@pytest.fixture
def refused(repository: Repository) -> Repository:
    """Only one answer of an activity, that no type hint shows, leads to what the change changes."""
    repository.code(REFUSED)
    repository.commit("hidden")
    repository.code(REFUSED.replace("REFUND", "refund"))
    return repository


def of_head(
    repository: Repository, run_replaykit: RunReplaykit, table: str
) -> subprocess.CompletedProcess[str]:
    (repository.root / "pyproject.toml").write_text(CONFIG + table, encoding="utf-8")
    return run_replaykit("explore", "--base", "main", "--scenarios", "20", cwd=repository.root)


@pytest.mark.parametrize("own", ["", '[tool.replaykit.explore]\nactivities = ["flows"]\n'])
@pytest.mark.exhaustive
@pytest.mark.weekly
def test_values_that_a_change_brings_hold_for_the_base(
    refused: Repository, run_replaykit: RunReplaykit, own: str
) -> None:
    """Without them this were a false green."""
    (refused.root / "given.py").write_text(VALUES, encoding="utf-8")
    refused.code(REFUSED)
    (refused.root / "pyproject.toml").write_text(CONFIG + own, encoding="utf-8")
    refused.commit("values, and nothing names them")
    refused.code(REFUSED.replace("REFUND", "refund"))
    assert of_head(refused, run_replaykit, own).returncode == 0
    result = of_head(refused, run_replaykit, NAMES_VALUES)
    assert result.returncode == 1, result.stderr
    assert "activity charge completes with 'refused'" in result.stdout
    assert result.stderr == ""


@pytest.mark.weekly
@pytest.mark.parametrize("values", [VALUES, "values = None\n"], ids=["sound", "none"])
def test_values_that_the_base_cannot_import_are_left_out_and_reported(
    refused: Repository, run_replaykit: RunReplaykit, values: str
) -> None:
    (refused.root / "activities.py").write_text("", encoding="utf-8")
    table = f'{NAMES_VALUES}activities = ["activities", "flows"]\n'
    if values != VALUES:
        (refused.root / "given.py").write_text(values, encoding="utf-8")
        (refused.root / "activities.py").write_text("", encoding="utf-8")
        refused.code(REFUSED)
        refused.commit("of another kind")
        refused.code(REFUSED.replace("REFUND", "refund"))
        (refused.root / "activities.py").unlink()
    (refused.root / "given.py").write_text(VALUES, encoding="utf-8")
    result = of_head(refused, run_replaykit, NAMES_VALUES if values != VALUES else table)
    assert result.returncode == 0, result.stderr
    assert "nothing found; 20 scenarios" in result.stdout
    assert "[tool.replaykit.explore] values = 'given:values' is not used: " in result.stderr
    assert (
        "expected replaykit.explore.Values" if values != VALUES else "no module named 'given'"
    ) in result.stderr
    assert ("activities = 'activities' is not used" in result.stderr) == (values == VALUES)
    assert "'flows'" not in result.stderr


WAITS = """
from datetime import timedelta

from temporalio import workflow


@workflow.defn
class OrderWorkflow:
    def __init__(self) -> None:
        self.left = {}

    @workflow.run
    async def run(self, order_id: str) -> str:
        for name in ("process_payment", "pack"):
            await workflow.execute_activity(name, order_id, start_to_close_timeout=timedelta(seconds=10))
        await workflow.wait_condition(lambda: bool(self.left))
        return "done"

    @workflow.signal
    def packed(self) -> None:
        self.left["all"] = KEY
"""


@pytest.fixture
def running(repository: Repository) -> Path:
    """A run of other code that has paid, and waits for its second activity."""
    builder = HistoryBuilder(input=payloads_json("order-17"))
    builder.activity(builder.task(sdkMetadata=SDK), "process_payment", "order-17", result="paid")
    builder.schedule_activity(builder.task(), "pack", "order-17")
    path = repository.root / "open.json"
    path.write_bytes(dump_history(builder.history(status="RUNNING")))
    repository.code(WAITS.replace("KEY", "True"))
    return path


@pytest.mark.weekly
def test_every_future_of_a_running_workflow_comes_to_its_end(
    repository: Repository, running: Path, run_replaykit: RunReplaykit
) -> None:
    result = run_replaykit("explore", "--from", str(running), "--scenarios", "30", cwd=repository.root)
    assert result.returncode == 0, result.stderr
    assert "open.json: from its end, 30 scenarios" in result.stdout
    assert "nothing found" in result.stdout


@pytest.mark.exhaustive
def test_a_future_in_which_it_gets_stuck_is_reported(
    repository: Repository, running: Path, run_replaykit: RunReplaykit
) -> None:
    """The recorded part replays well under this code; only a signal that has not come yet shows the bug."""
    repository.code(WAITS.replace("KEY", "self.left['none']"))
    assert run_replaykit("replay", str(running), cwd=repository.root).returncode == 0
    result = run_replaykit("explore", "--from", str(running), "--scenarios", "60", cwd=repository.root)
    assert result.returncode == 1, result.stderr
    assert "the run comes to a stop:" in result.stdout
    assert "1. OrderWorkflow order-17 goes on after event 11" in result.stdout
    assert "2. signal packed()" in result.stdout
    assert "KeyError" in result.stdout


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_the_run_that_gets_stuck_is_kept_and_its_line_named(
    repository: Repository, running: Path, run_replaykit: RunReplaykit
) -> None:
    repository.code(WAITS.replace("KEY", "self.left['none']"))
    recorded = running.read_bytes()
    options = ("--scenarios", "60", "--keep", str(repository.root), "--json", "found.json")
    result = run_replaykit("explore", "--from", str(running), *options, cwd=repository.root)
    assert result.returncode == 1, result.stderr
    assert "  line      flows.py:21 in packed\n" in result.stdout

    (kept,) = (path for path in find_fixtures([repository.root]) if path.name.startswith("order-17"))
    assert f"  kept as   {kept}\n" in result.stdout
    assert running.read_bytes() == recorded
    assert read_history(kept).source is Source.EXPLORE
    (future,) = checked((repository.root / "found.json").read_bytes(), "explore")["futures"]
    (stop,) = future["stops"]
    assert stop["kept"] == str(kept)
    assert stop["source"] == {"file": "flows.py", "line": 21, "function": "packed"}

    again = run_replaykit("explore", "--from", str(running), *options, cwd=repository.root)
    assert f"  kept as   {kept}\n" in again.stdout
    on = run_replaykit("explore", "--from", str(kept), "--scenarios", "1", cwd=repository.root)
    assert on.returncode == 1
    assert "the code raised KeyError: 'none' at flows.py:21 in packed" in " ".join(on.stdout.split())
    repository.code(WAITS.replace("KEY", "True"))
    fixed = run_replaykit("explore", "--from", str(kept), "--scenarios", "10", cwd=repository.root)
    assert fixed.returncode == 0


@pytest.mark.exhaustive
def test_a_recorded_part_that_diverges_has_no_future(
    repository: Repository, running: Path, run_replaykit: RunReplaykit
) -> None:
    repository.code(WAITS.replace("KEY", "True").replace('("process_payment", "pack")', '("pack",)'))
    result = run_replaykit("explore", "--from", str(running), "--scenarios", "5", cwd=repository.root)
    assert result.returncode == 1, result.stderr
    assert "open.json: diverged before any future begins" in result.stdout
    assert "ScheduleActivity pack" in result.stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--base", "nowhere"], "no revision 'nowhere'"),
        (["Nobody"], "no workflow is named 'Nobody'"),
    ],
)
@pytest.mark.thinned(2)
def test_what_cannot_be_explored_is_2(
    repository: Repository, run_replaykit: RunReplaykit, arguments: list[str], message: str
) -> None:
    result = run_replaykit("explore", *arguments, cwd=repository.root)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
