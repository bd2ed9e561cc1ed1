"""`replaykit replay`: the whole command against exit code and output."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.conftest import RunReplaykit
from tests.plugin.project import CHANGED, UNCHANGED, write_project
from tests.report.json_reports import checked

NOISY = UNCHANGED.replace("        rows =", '        print("from the workflow")\n        rows =')


def test_consistent_is_0(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, copies=2)
    result = run_replaykit("replay")
    assert result.returncode == 0
    header, row, _, closing = result.stdout.splitlines()
    assert header.split() == ["workflow", "histories", "outcome", "commands", "compared"]
    assert row.split() == ["DataProcessingWorkflow", "2", "consistent", "6"]
    assert closing.startswith("2 consistent; 6 commands compared in ")
    assert result.stderr == ""


def test_diverged_is_1_with_both_sides_and_no_dump(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=CHANGED)
    result = run_replaykit("replay", "histories")
    assert result.returncode == 1
    block = result.stdout[result.stdout.index("histories/") :].split("\n\n")[0].splitlines()
    assert block == [
        "histories/DataProcessingWorkflow/copy-0.json: diverged",
        "  workflow  DataProcessingWorkflow data-processing",
        "  at        event 5, after 0 commands that matched",
        "  line      flows.py:12 in run",
        "            recorded                           produced",
        "  >      5  ActivityTaskScheduled              ScheduleActivity validate_source",
        "            extract_rows",
        "        11  ActivityTaskScheduled load_total",
        "        17  WorkflowExecutionCompleted",
        "  hint      this is new since the history was recorded. Guard it:",
        '                if workflow.patched("validate-source"):',
        '                    await workflow.execute_activity("validate_source", source, '
        "start_to_close_timeout=SOON)",
    ]
    assert "Failure {" not in result.stdout
    verbose = run_replaykit("replay", "histories", "--verbose")
    assert "[TMPRL1100] Nondeterminism error" in verbose.stdout


@pytest.mark.exhaustive
def test_unjudged_is_2_and_the_rest_is_judged(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    first, *_ = write_project(tmp_path, copies=3)
    first.write_text("{", encoding="utf-8")
    result = run_replaykit("replay")
    assert result.returncode == 2
    assert "copy-0.json: unjudged (unreadable)" in result.stdout
    assert "2 consistent, 1 unjudged; 6 commands compared" in result.stdout


@pytest.mark.exhaustive
def test_a_divergence_outweighs_an_unjudged_history(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    first, *_ = write_project(tmp_path, copies=2, code=CHANGED)
    first.write_text("{", encoding="utf-8")
    assert run_replaykit("replay").returncode == 1


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["empty"], "empty: nothing to replay"),
        (["missing"], "missing"),
        (["histories", "--worker", "x"], "no worker is named 'x'. There is: default."),
        (["histories", "--workflows", "nowhere"], "no module named 'nowhere'"),
        (
            ["histories", "--workflows", "app/flows.py"],
            "no module named 'app/flows'. Did you mean app.flows?",
        ),
        (["histories", "--workflows", "flows:Nobody"], "module flows has no attribute 'Nobody'"),
        (["histories", "--workflows", "flows:SOON"], "not a class with @workflow.defn"),
        (["histories", "--timeout", "0"], "--timeout"),
    ],
)
@pytest.mark.thinned(3)
def test_what_cannot_be_judged_is_2(
    tmp_path: Path, run_replaykit: RunReplaykit, arguments: list[str], message: str
) -> None:
    write_project(tmp_path)
    (tmp_path / "empty").mkdir()
    result = run_replaykit("replay", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.exhaustive
def test_from_above_a_project_its_folder_is_named(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    (tmp_path / "services" / "shop").mkdir(parents=True)
    write_project(tmp_path / "services" / "shop")
    result = run_replaykit("replay", "services/shop/histories", cwd=tmp_path)
    assert result.returncode == 2
    assert "no workflows are configured here" in result.stderr
    assert "table in services/shop/pyproject.toml: run replaykit in that folder (cd services/shop)" in (
        result.stderr
    )


@pytest.mark.exhaustive
def test_nothing_configured_lists_what_the_source_defines(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    write_project(tmp_path)
    (tmp_path / "pyproject.toml").unlink()
    result = run_replaykit("replay")
    assert result.returncode == 2
    assert "flows.py:9  DataProcessingWorkflow" in result.stderr
    assert '[tool.replaykit]\nworkflows = ["flows"]' in result.stderr


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("code", "exit_code"), [(UNCHANGED, 0), (CHANGED, 1), (NOISY, 0), ("class Broken:", 2)]
)
@pytest.mark.thinned(3)
def test_json_on_standard_output_is_valid_and_alone(
    tmp_path: Path, run_replaykit: RunReplaykit, code: str, exit_code: int
) -> None:
    fixtures = write_project(tmp_path, copies=2, code=code)
    result = run_replaykit("replay", "--json", "-")
    assert result.returncode == exit_code
    if code == "class Broken:":
        assert result.stdout == ""
        return
    report = checked(result.stdout, "replay")
    assert report["summary"]["histories"] == len(fixtures) == len(report["verdicts"])
    assert [verdict["history"] for verdict in report["verdicts"]] == [
        "histories/DataProcessingWorkflow/copy-0.json",
        "histories/DataProcessingWorkflow/copy-1.json",
    ]


@pytest.mark.exhaustive
def test_two_failures_of_one_run_are_two(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, copies=2, code=CHANGED)
    report = json.loads(run_replaykit("replay", "--json", "-").stdout)
    assert report["summary"]["diverged"] == 2
    assert len({verdict["run_id"] for verdict in report["verdicts"]}) == 1


@pytest.mark.exhaustive
def test_json_into_a_file_leaves_the_terminal_report(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    fixture, *_ = write_project(tmp_path)
    fixture.with_name("cut.json").write_text('{"events": []}', encoding="utf-8")
    (tmp_path / "out").mkdir()
    result = run_replaykit("replay", "--json", "out/report.json")
    assert (result.returncode, result.stderr) == (2, "wrote out/report.json\n")
    assert "1 consistent, 1 unjudged" in result.stdout
    report = checked((tmp_path / "out" / "report.json").read_bytes(), "replay")
    assert [v["reason"] for v in report["verdicts"]] == [None, "invalid_history"]
    assert list((tmp_path / "out").iterdir()) == [tmp_path / "out" / "report.json"]


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", ["--json", "--html"])
def test_a_report_for_a_missing_folder_is_refused_before_anything_is_replayed(
    tmp_path: Path, run_replaykit: RunReplaykit, form: str
) -> None:
    write_project(tmp_path)
    result = run_replaykit("replay", form, "a/b c/report")
    assert (result.returncode, result.stdout) == (2, "")
    assert (
        result.stderr == "Error: a/b c/report: the folder a/b c does not exist. Create it: mkdir -p 'a/b c'\n"
    )
    assert not (tmp_path / "a").exists()


@pytest.mark.exhaustive
def test_a_green_of_strict_mode_says_that_it_is_one(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, copies=2)
    result = run_replaykit("replay", "--strict", "--html", "page.html", "--json", "report.json")
    assert (result.returncode, result.stderr) == (0, "wrote report.json\nwrote page.html\n")
    report = checked((tmp_path / "report.json").read_bytes(), "replay")
    assert report["summary"]["strict"] is True
    closing = result.stdout.splitlines()[-1]
    assert closing.startswith("2 consistent, strict; 6 commands and their attributes compared in ")
    assert "commands and their attributes compared" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.exhaustive
def test_one_cure_of_many_histories_stands_once(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=CHANGED, copies=3)
    result = run_replaykit("replay")
    assert result.stdout.count('if workflow.patched("validate-source"):') == 1
    assert result.stdout.count("  hint      as above, at copy-0.json\n") == 2
    blocks = result.stdout.split("\n\n")[1:4]
    assert ['workflow.patched("validate-source")' in block for block in blocks] == [True, False, False]
    report = json.loads(run_replaykit("replay", "--json", "-").stdout)
    assert len({verdict["divergence"]["suggestion"] for verdict in report["verdicts"]}) == 1


@pytest.mark.exhaustive
def test_another_divergence_keeps_its_own_cure(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    """Two workflows with one change each: two lines to guard."""
    second = CHANGED.partition("@workflow.defn")[2].replace("DataProcessingWorkflow", "Another")
    _, other = write_project(tmp_path, code=f"{CHANGED}\n\n@workflow.defn{second}", copies=2)
    other.write_text(
        other.read_text(encoding="utf-8").replace('"DataProcessingWorkflow"', '"Another"'), encoding="utf-8"
    )
    result = run_replaykit("replay")
    assert "2 diverged" in result.stdout
    assert result.stdout.count('if workflow.patched("validate-source"):') == 2


@pytest.mark.exhaustive
def test_a_missing_configured_folder_is_named_with_the_cure(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    (fixture,) = write_project(tmp_path)
    fixture.parent.parent.rename(tmp_path / "kept-elsewhere")
    for arguments in ([], ["histories"]):
        result = run_replaykit("replay", *arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith(
            "Error: histories: nothing to replay: there is no such folder. "
            "Capture a workflow first: replaykit capture WORKFLOW_ID\n"
        )
        assert '[tool.replaykit]\nhistories = ["FOLDER"]' in result.stderr


@pytest.mark.exhaustive
def test_the_schema_refuses_a_wrong_report(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    """The check above can fail."""
    write_project(tmp_path, code=CHANGED)
    report = json.loads(run_replaykit("replay", "--json", "-").stdout)
    report["verdicts"][0]["divergence"] = None
    with pytest.raises(jsonschema.ValidationError):
        checked(json.dumps(report), "replay")


@pytest.mark.exhaustive
def test_a_project_in_src_needs_no_installation(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "flows.py").rename(tmp_path / "src" / "flows.py")
    assert run_replaykit("replay").returncode == 0


@pytest.mark.exhaustive
def test_from_a_folder_below_the_project(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    (tmp_path / "deep").mkdir()
    result = run_replaykit("replay", cwd=tmp_path / "deep")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.exhaustive
def test_strict_mode_that_ignores_everything_claims_nothing(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    write_project(tmp_path)
    with (tmp_path / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('\n[tool.replaykit.strict]\nignore = ["*"]\n')
    result = run_replaykit("replay", "--strict")
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1].startswith("1 consistent; 3 commands compared in ")
    assert "Strict mode compared no attribute: ignore of [tool.replaykit.strict] leaves out" in result.stderr
