"""`replaykit replay`: findings about the corpus, `--require-fixtures` and `--self-test`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.plugin.project import CHANGED, TWO_WORKFLOWS, switch_comparison_off, write_project
from tests.report.json_reports import checked

UNGUARDED = """\
1 workflow has no fixture, so nothing guards it:
  RefundWorkflow
  Capture a run: replaykit capture WORKFLOW_ID
  Its id: temporal workflow list --query 'WorkflowType="RefundWorkflow"'
"""


@pytest.mark.exhaustive
def test_a_gate_that_works(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, copies=2)
    result = run_replaykit("replay", "--self-test")
    assert (result.returncode, result.stderr) == (0, "")
    closing, blank, *lines = result.stdout.splitlines()[-5:]
    assert closing.startswith("2 consistent; 6 commands compared in ")
    assert (blank, lines) == (
        "",
        [
            "self-test passed: each of 6 histories made wrong on purpose diverged, as it must",
            "  This gate can turn red. The histories are copies of fixtures (1 workflow",
            "  type), each with a command renamed, dropped, added or replaced.",
        ],
    )


@pytest.mark.exhaustive
def test_a_gate_that_compares_nothing_is_broken(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=CHANGED, pyproject=switch_comparison_off(tmp_path))
    assert run_replaykit("replay").returncode == 0, "the comparison is off: changed code looks consistent"
    result = run_replaykit("replay", "--self-test")
    assert result.returncode == 2
    lines = result.stdout[result.stdout.index("self-test failed:") :].splitlines()
    assert lines[0] == "self-test failed: 6 of 6 histories made wrong on purpose did not diverge"
    assert lines[3:5] == [
        "  DataProcessingWorkflow: activity extract_rows renamed: consistent",
        "    event 5 of a changed histories/DataProcessingWorkflow/copy-0.json",
    ]
    assert "interceptors" in lines[-2]
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_a_divergence_outweighs_a_self_test_that_had_nothing_to_change(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    write_project(tmp_path, code=CHANGED)
    result = run_replaykit("replay", "--self-test")
    assert result.returncode == 1
    assert "self-test failed: it had nothing to change" in result.stdout


@pytest.mark.exhaustive
def test_a_workflow_without_a_fixture_is_reported(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=TWO_WORKFLOWS)
    result = run_replaykit("replay")
    assert result.returncode == 0
    assert result.stdout.endswith(f"\n\n{UNGUARDED}")


@pytest.mark.exhaustive
@pytest.mark.parametrize("way", ["option", "configuration"])
@pytest.mark.thinned(2)
def test_it_fails_where_fixtures_are_required(tmp_path: Path, run_replaykit: RunReplaykit, way: str) -> None:
    pyproject = "require_fixtures = true\n" if way == "configuration" else ""
    (fixture,) = write_project(tmp_path, code=TWO_WORKFLOWS, pyproject=pyproject)
    option = ["--require-fixtures"] if way == "option" else []
    for path in ([], [str(fixture)]):
        result = run_replaykit("replay", *path, *option)
        assert result.returncode == 2
        assert UNGUARDED.replace("so nothing guards it", "so this check fails") in result.stdout


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_required_fixtures_that_are_there_are_no_finding(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    result = run_replaykit("replay", "--require-fixtures")
    assert result.returncode == 0
    assert "fixture" not in result.stdout


@pytest.mark.exhaustive
def test_a_run_of_some_histories_says_nothing_of_the_others(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    first, _ = write_project(tmp_path, code=TWO_WORKFLOWS, copies=2)
    assert "no fixture" not in run_replaykit("replay", str(first)).stdout


@pytest.mark.exhaustive
def test_a_stale_fixture_is_reported(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=TWO_WORKFLOWS.replace("class DataProcessingWorkflow", "class Renamed"))
    result = run_replaykit("replay")
    assert result.returncode == 2
    assert (
        "1 fixture is stale: no configured worker runs the workflow:\n"
        "  histories/DataProcessingWorkflow/copy-0.json: DataProcessingWorkflow\n" in result.stdout
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize("way", ["--workflows", "--worker"])
@pytest.mark.thinned(2)
def test_what_a_narrowed_run_leaves_out_is_not_stale(
    tmp_path: Path, run_replaykit: RunReplaykit, way: str
) -> None:
    """It stays unjudged: whoever narrows a run by mistake must not see green."""
    workers = "".join(
        f'\n[[tool.replaykit.worker]]\nname = "{name}"\nworkflows = ["flows:{cls}"]\n'
        for name, cls in (("rows", "DataProcessingWorkflow"), ("refunds", "RefundWorkflow"))
    )
    write_project(tmp_path, code=TWO_WORKFLOWS, pyproject=workers)
    assert run_replaykit("replay").returncode == 0
    result = run_replaykit("replay", way, "flows:RefundWorkflow" if way == "--workflows" else "refunds")
    assert result.returncode == 2
    assert "stale" not in result.stdout
    assert "why       this run leaves workflow type 'DataProcessingWorkflow' out" in result.stdout
    assert (
        "1 history is of workflows that this run leaves out:\n"
        "  histories/DataProcessingWorkflow/copy-0.json: DataProcessingWorkflow\n"
        "  They stay unjudged. To replay the others alone, name paths such as histories/" in result.stdout
    )


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_the_self_test_is_in_the_page(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    run_replaykit("replay", "--self-test", "--html", "page.html")
    assert "Self-test passed: each of 6 histories" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.exhaustive
def test_all_of_it_is_in_the_json_report(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=TWO_WORKFLOWS)
    result = run_replaykit("replay", "--self-test", "--require-fixtures", "--json", "-")
    assert result.returncode == 2
    report = checked(result.stdout, "replay")
    (finding,) = report["findings"]
    assert (finding["kind"], finding["subject"]) == ("workflow_without_fixture", "RefundWorkflow")
    assert finding["fails"] is True
    assert (report["self_test"]["broken"], report["self_test"]["red"]) == (False, 6)
    assert report["summary"]["commands_compared"] == 3
    assert {each["answer"] for each in report["self_test"]["mutated"]} == {"diverged"}


@pytest.mark.exhaustive
def test_nothing_asked_is_null(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    report = json.loads(run_replaykit("replay", "--json", "-").stdout)
    assert (report["findings"], report["self_test"]) == ([], None)


def test_a_vacuous_history_is_never_green(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    (fixture,) = write_project(tmp_path)
    document = json.loads(fixture.read_text(encoding="utf-8"))
    del document["replaykit"]
    document["events"] = document["events"][:4]
    fixture.write_text(json.dumps(document), encoding="utf-8")
    result = run_replaykit("replay", "--json", "report.json")
    assert result.returncode == 2
    assert "copy-0.json: unjudged (vacuous)" in result.stdout
    assert "1 unjudged; 0 commands compared in " in result.stdout
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    (verdict,) = report["verdicts"]
    assert (verdict["outcome"], verdict["reason"], verdict["commands_compared"]) == ("unjudged", "vacuous", 0)
    assert (report["summary"]["unjudged"], report["summary"]["commands_compared"]) == (1, 0)
