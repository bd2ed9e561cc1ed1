"""The gate's answer to a change and its exit code: a real repository for each situation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.gate.repository import CHANGED, FIXTURE, RENAMED, UNCHANGED, Repository
from tests.plugin.project import TWO_WORKFLOWS, write_project

_WAIVER = """
[[tool.replaykit.gate.waiver]]
rule = "new-divergence"
workflow = "DataProcessingWorkflow"
reason = "no such run is left since March"
until = {until}
"""


@pytest.mark.weekly
def test_an_unchanged_project_passes(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    Repository.with_project(tmp_path)
    done = run_replaykit("gate")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "gate passed; 1 history, 3 commands"


def test_a_new_divergence_fails(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository.with_project(tmp_path)
    base = repository.git("rev-parse", "main")
    repository.code(CHANGED)
    repository.commit()
    done = run_replaykit("gate")
    assert done.returncode == 1
    assert "failures (1)\n  new-divergence: DataProcessingWorkflow diverged: event 5: " in done.stdout
    assert "line      flows.py:12 in run" in done.stdout
    head = repository.git("rev-parse", "HEAD")
    assert f"base main {base[:12]}..{head[:12]}, 1 commit, the default branch" in done.stdout
    assert repository.git("worktree", "list").count("\n") == 0, "the base's tree is still there"


@pytest.mark.weekly
def test_what_is_not_committed_yet_counts_too(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    Repository.with_project(tmp_path).code(CHANGED)
    assert run_replaykit("gate").returncode == 1


@pytest.mark.weekly
def test_a_divergence_that_the_base_has_fails_nothing(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository.with_project(tmp_path, code=CHANGED)
    repository.code(CHANGED + "\n# a comment\n")
    repository.commit()
    done = run_replaykit("gate")
    assert done.returncode == 0
    assert "not blamed on this change (1)\n  inherited: the base has it too: " in done.stdout
    assert run_replaykit("replay").returncode == 1, "a replay alone blames the change"


@pytest.mark.exhaustive
def test_another_divergence_than_the_base_has_is_new(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository.with_project(tmp_path, code=CHANGED)
    repository.code(RENAMED)
    done = run_replaykit("gate")
    assert done.returncode == 1
    assert "(the base is diverged there too, but differently)" in done.stdout


@pytest.mark.exhaustive
def test_a_fixture_recorded_again_with_the_code_fails(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository.with_project(tmp_path)
    repository.code(RENAMED)
    repository.record_again()
    repository.commit()
    assert run_replaykit("replay").returncode == 0, "a replay alone is fooled"
    done = run_replaykit("gate")
    assert done.returncode == 1
    assert (
        f"rewritten-fixture: {FIXTURE}: the fixture was re-recorded together with the code: the old one, "
        in (done.stdout)
    )
    base = repository.git("rev-parse", "main")[:12]
    assert f"git checkout {base} -- {FIXTURE}" in done.stdout
    assert "then record the new run again" in " ".join(done.stdout.split())
    assert "replaykit-base-" not in done.stdout, "where the base was checked out is of no use to anybody"


@pytest.mark.weekly
def test_a_new_run_in_the_place_of_an_old_one_is_recorded_again(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = Repository.with_project(tmp_path)
    repository.code(RENAMED)
    repository.record_again()
    new = FIXTURE.replace("copy-0", "other-run")
    (tmp_path / FIXTURE).rename(tmp_path / new)
    done = run_replaykit("gate")
    assert done.returncode == 1
    assert f"rewritten-fixture: {FIXTURE}" in done.stdout


@pytest.mark.weekly
def test_a_fixture_that_only_moved_is_left_alone(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    Repository.with_project(tmp_path)
    (tmp_path / FIXTURE).rename(tmp_path / "histories" / "moved.json")
    assert run_replaykit("gate").returncode == 0


@pytest.mark.exhaustive
def test_a_fixture_deleted_with_the_code_that_it_would_stop_fails(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = Repository.with_project(tmp_path)
    (tmp_path / "histories" / "other.json").write_bytes((tmp_path / FIXTURE).read_bytes())
    repository.record_again("histories/other.json")
    repository.git("checkout", "--quiet", "main")
    repository.commit("two fixtures")
    repository.git("checkout", "--quiet", "-B", "change")
    repository.code(RENAMED)
    repository.remove(FIXTURE)
    done = run_replaykit("gate")
    assert done.returncode == 1
    assert f"deleted-fixture: {FIXTURE}: the fixture was deleted" in done.stdout


@pytest.mark.weekly
def test_a_fixture_deleted_that_replays_well_is_no_matter(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = Repository.with_project(tmp_path)
    repository.git("checkout", "--quiet", "main")
    (tmp_path / "histories" / "copy-1.json").write_bytes((tmp_path / FIXTURE).read_bytes())
    repository.commit("two fixtures")
    repository.git("checkout", "--quiet", "-B", "change")
    repository.remove("histories/copy-1.json")
    done = run_replaykit("gate")
    assert done.returncode == 0, done.stdout


@pytest.mark.weekly
@pytest.mark.parametrize("arguments", [(), ("fixtures",)])
def test_fixtures_recorded_again_in_another_folder_fail(
    tmp_path: Path, run_replaykit: RunReplaykit, arguments: tuple[str, ...]
) -> None:
    repository = Repository.with_project(tmp_path)
    repository.code(RENAMED)
    repository.record_again()
    (tmp_path / "histories").rename(tmp_path / "fixtures")
    _names(tmp_path, "fixtures")
    done = run_replaykit("gate", *arguments)
    assert done.returncode == 1, done.stdout
    assert f"rewritten-fixture: {FIXTURE}" in done.stdout


def _names(root: Path, folder: str) -> None:
    """Point the configuration at another folder."""
    file = root / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[tool.replaykit]", f'[tool.replaykit]\nhistories = ["{folder}"]', 1))


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_fixtures_that_are_no_longer_named_fail(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository.with_project(tmp_path)
    repository.code(RENAMED)
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "new.json").write_bytes((tmp_path / FIXTURE).read_bytes())
    repository.record_again("fixtures/new.json")
    _names(tmp_path, "fixtures")
    done = run_replaykit("gate")
    assert done.returncode == 1, done.stdout
    assert f"deleted-fixture: {FIXTURE}: this change no longer replays the fixture" in done.stdout
    assert run_replaykit("gate", "fixtures").returncode == 0, "who names paths leaves others out"


@pytest.mark.exhaustive
@pytest.mark.parametrize("how", ["deleted", "rewritten"])
@pytest.mark.thinned(2)
def test_a_fixture_that_the_base_diverges_from_too_may_go(
    tmp_path: Path, run_replaykit: RunReplaykit, how: str
) -> None:
    repository = Repository.with_project(tmp_path, code=RENAMED)
    (tmp_path / "histories" / "good.json").write_bytes((tmp_path / FIXTURE).read_bytes())
    repository.record_again("histories/good.json")
    repository.commit("a good one beside it")
    repository.git("branch", "--force", "main", "HEAD")
    if how == "deleted":
        repository.remove(FIXTURE)
    else:
        repository.record_again()
    done = run_replaykit("gate")
    assert done.returncode == 0, done.stdout


@pytest.mark.exhaustive
def test_an_old_fixture_is_judged_by_the_worker_of_its_folder(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    """Two workers have a workflow of that type, and only the folder shows whose run it was."""
    repository = Repository.with_project(tmp_path)
    (tmp_path / "other.py").write_text(UNCHANGED, encoding="utf-8")
    worker = '[[tool.replaykit.worker]]\nname = "{0}"\ntask_queues = ["nobody-{0}"]\nworkflows = ["{0}"]\n'
    (tmp_path / "pyproject.toml").write_text(
        worker.format("flows") + worker.format("other"), encoding="utf-8"
    )
    fixture = "histories/flows/copy-0.json"
    (tmp_path / "histories" / "flows").mkdir()
    (tmp_path / FIXTURE).rename(tmp_path / fixture)
    repository.commit("two workers")
    repository.git("branch", "--force", "main", "HEAD")
    repository.code(RENAMED)
    repository.record_again(fixture)
    done = run_replaykit("gate")
    assert done.returncode == 1, done.stdout
    assert f"rewritten-fixture: {fixture}" in done.stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize("arguments", [(), ("histories/new.json",)], ids=["all", "by its relative path"])
@pytest.mark.thinned(2)
def test_a_fixture_that_came_with_the_change_is_not_inherited(
    tmp_path: Path, run_replaykit: RunReplaykit, arguments: tuple[str, ...]
) -> None:
    """The base would diverge from it too, but it is the change that turns the next replay red."""
    repository = Repository.with_project(tmp_path)
    (tmp_path / "histories" / "new.json").write_bytes((tmp_path / FIXTURE).read_bytes())
    repository.record_again("histories/new.json")
    done = run_replaykit("gate", *arguments)
    assert done.returncode == 1, done.stdout
    assert "(of a fixture that came with the change)" in done.stdout


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("rule", "close"), [("rewritten_fixture", "rewritten-fixture"), ("nonsense", None)])
def test_a_waiver_of_no_rule_is_refused(
    tmp_path: Path, run_replaykit: RunReplaykit, rule: str, close: str | None
) -> None:
    repository = Repository.with_project(tmp_path)
    repository.policy(_WAIVER.format(until="2999-01-01").replace("new-divergence", rule))
    done = run_replaykit("gate")
    assert done.returncode == 2
    assert f"no rule is named '{rule}'" in done.stderr
    assert (f"Did you mean '{close}'?" if close else "Rules are: new-divergence, ") in done.stderr


@pytest.mark.exhaustive
@pytest.mark.parametrize("command", [("gate",), ("explore", "--base", "main", "--scenarios", "2")])
@pytest.mark.thinned(2)
def test_a_git_hook_keeps_its_index(
    tmp_path: Path, run_replaykit: RunReplaykit, command: tuple[str, ...]
) -> None:
    """git gives its hooks the place of the index to be committed; another checkout must not take it."""
    repository = Repository.with_project(tmp_path)
    repository.code(UNCHANGED + "\n# more\n")
    (tmp_path / "NEW.txt").write_text("new")
    repository.git("add", "--all")
    before = repository.git("status", "--porcelain", "-uno")
    index = tmp_path / ".git" / "index"
    done = run_replaykit(*command, GIT_INDEX_FILE=str(index), GIT_DIR=str(tmp_path / ".git"))
    assert done.returncode == 0, done.stderr
    assert repository.git("status", "--porcelain", "-uno") == before != ""


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("policy", "code"), [("", 0), ('new_workflow = "fail"', 1), ('new_workflow = "ignore"', 0)]
)
@pytest.mark.thinned(3)
def test_a_new_workflow_without_a_fixture(
    tmp_path: Path, run_replaykit: RunReplaykit, policy: str, code: int
) -> None:
    repository = Repository.with_project(tmp_path)
    repository.agreed_policy(f"\n[tool.replaykit.gate]\n{policy}\n")
    repository.code(TWO_WORKFLOWS)
    done = run_replaykit("gate")
    assert done.returncode == code
    issue = "workflow-without-fixture: RefundWorkflow is new, and no recorded history guards it"
    assert (issue in done.stdout) is ("ignore" not in policy)
    assert ("1 ignored by the policy" in done.stdout.splitlines()[-1]) is ("ignore" in policy)


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_a_new_workflow_that_no_worker_runs(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    refund = "from temporalio import workflow\n\n\n@workflow.defn\nclass {}: ...\n"
    repository = Repository.with_project(tmp_path)
    (tmp_path / "older.py").write_text(refund.format("Older"))
    repository.commit("a workflow that nobody has configured")
    repository.git("branch", "--force", "main")
    (tmp_path / "older.py").rename(tmp_path / "moved.py")
    (tmp_path / "refunds.py").write_text(refund.format("Refund"))
    (tmp_path / "test_refunds.py").write_text(refund.format("InATest"))
    done = run_replaykit("gate", "--json", "gate.json")
    assert done.returncode == 0
    found = [i for i in json.loads((tmp_path / "gate.json").read_text())["issues"] if i["level"] == "warn"]
    assert [(i["title"], i["file"], i["line"]) for i in found] == [
        ("Refund is new, and no configured worker runs it", "refunds.py", 5)
    ]
    assert 'Add "refunds" to the workflows' in found[0]["cure"]


@pytest.mark.weekly
def test_a_workflow_without_a_fixture_in_the_base_too_is_not_new(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    Repository.with_project(tmp_path, code=TWO_WORKFLOWS)
    assert "RefundWorkflow" not in run_replaykit("gate").stdout


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_a_changed_workflow_without_a_history_of_its_new_code(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = Repository.with_project(tmp_path)
    repository.code(
        UNCHANGED.replace("seconds=10", "seconds=20").replace("rows", "lines").replace("_lines", "_rows")
    )
    done = run_replaykit("gate")
    assert done.returncode == 0
    assert "changed-workflow-without-fixture: DataProcessingWorkflow was changed" in done.stdout
    line = UNCHANGED.splitlines().index("class DataProcessingWorkflow:") + 1
    assert f"::warning file=flows.py,line={line}," in run_replaykit("gate", "--github").stdout
    repository.code(UNCHANGED + "\n# only a comment\n")
    assert "changed-workflow" not in run_replaykit("gate").stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("until", "code", "message"),
    [
        ("2999-12-31", 0, "new-divergence: waived until 2999-12-31: DataProcessingWorkflow diverged"),
        ("2020-01-01", 1, "expired-waiver: a waiver expired on 2020-01-01: new-divergence, DataProcessing"),
    ],
)
@pytest.mark.thinned(2)
def test_waivers(tmp_path: Path, run_replaykit: RunReplaykit, until: str, code: int, message: str) -> None:
    repository = Repository.with_project(tmp_path)
    repository.agreed_policy(_WAIVER.format(until=until))
    repository.code(CHANGED)
    done = run_replaykit("gate")
    assert done.returncode == code
    assert message in done.stdout


@pytest.mark.weekly
def test_a_waiver_that_nothing_needs_is_reported(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository.with_project(tmp_path)
    repository.agreed_policy(_WAIVER.format(until="2999-12-31"))
    repository.code(UNCHANGED + "\n# more\n")
    done = run_replaykit("gate")
    assert done.returncode == 0
    assert "unused-waiver: a waiver is not needed any more" in done.stdout


@pytest.mark.exhaustive
def test_a_shallow_clone_gets_the_command_that_fetches_the_rest(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    origin = tmp_path / "origin"
    origin.mkdir()
    repository = Repository.with_project(origin)
    repository.code(CHANGED)
    repository.commit()
    clone = repository.shallow_clone(tmp_path / "clone")
    done = run_replaykit("gate", cwd=clone.root, GITHUB_BASE_REF="main")
    assert done.returncode == 2
    command = "git fetch --unshallow origin main:refs/remotes/origin/main"
    assert "this shallow clone does not reach back to main" in done.stderr
    assert f"Give actions/checkout `fetch-depth: 0`, or fetch it: {command}" in done.stderr
    clone.git(*command.split()[1:])
    done = run_replaykit("gate", cwd=clone.root, GITHUB_BASE_REF="main")
    assert done.returncode == 1, "the command does what it names"
    assert "the target in GitHub Actions" in done.stdout


@pytest.mark.exhaustive
def test_a_base_that_does_not_import_is_never_green(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository.with_project(tmp_path, code="raise RuntimeError('broken')\n")
    repository.code(UNCHANGED)
    done = run_replaykit("gate")
    assert done.returncode == 2
    assert "base-not-judged: the base could not judge anything" in done.stdout
    assert "importing it raised RuntimeError: broken" in " ".join(done.stdout.split())


@pytest.mark.weekly
def test_a_base_that_does_not_import_can_be_left_out_and_hides_nothing(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = Repository.with_project(tmp_path, code="raise RuntimeError('broken')\n")
    repository.code(UNCHANGED)
    assert run_replaykit("gate", "--base", "none").returncode == 0
    repository.code(CHANGED)
    assert run_replaykit("gate").returncode == 1, "what is wrong outweighs what is not judged"


@pytest.mark.exhaustive
def test_too_few_commands_are_no_pass(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    Repository.with_project(tmp_path).policy("\n[tool.replaykit.gate]\nmin_commands = 100\n")
    done = run_replaykit("gate")
    assert done.returncode == 2
    assert (
        "too-few-commands: 3 commands were compared, and at least 100 must be, by gate.min_commands"
        in done.stdout
    )


@pytest.mark.exhaustive
def test_nothing_to_replay_is_no_pass(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    Repository.with_project(tmp_path).remove("histories")
    assert run_replaykit("gate").returncode == 2


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_strict_keeps_new_drifts_apart_from_old_ones(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    drifting = UNCHANGED.replace("seconds=10", "seconds=20")
    repository = Repository.with_project(tmp_path)
    repository.code(drifting)
    assert run_replaykit("gate").returncode == 0
    done = run_replaykit("gate", "--strict")
    assert done.returncode == 1
    assert "new-drift: DataProcessingWorkflow drifted" in done.stdout
    repository.commit()
    repository.git("branch", "--force", "main")
    repository.code(drifting + "\n# a comment\n")
    assert run_replaykit("gate", "--strict", "--base", "HEAD").returncode == 0


@pytest.mark.weekly
def test_a_project_in_a_folder_of_its_repository(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository(tmp_path)
    project = tmp_path / "services" / "orders"
    project.mkdir(parents=True)
    write_project(project)
    repository.commit("base")
    repository.git("checkout", "--quiet", "-b", "change")
    (project / "flows.py").write_text(CHANGED, encoding="utf-8")
    done = run_replaykit("gate", cwd=project)
    assert done.returncode == 1
    assert "flows.py:12 in run" in done.stdout
    assert "the base has it too" not in done.stdout
