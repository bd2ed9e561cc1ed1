"""`replaykit fix` as a user runs it, on real git repositories."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from replaykit.cli import cli
from replaykit.errors import ConfigError
from replaykit.history import read_history
from tests.conftest import RunReplaykit
from tests.fix.pairs import repository_of
from tests.fix.sides import FILE, sides_of
from tests.gate.repository import Repository
from tests.pairs.table import PAIRS
from tests.plugin.project import write_project
from tests.report.json_reports import checked

BY_NAME = {pair.new: pair for pair in PAIRS}
ADDED = BY_NAME["activities.AddedMiddle"]
GUARD = """-        await workflow.execute_activity("validate", start_to_close_timeout=TIMEOUT)
+        if workflow.patched("validate"):
+            await workflow.execute_activity("validate", start_to_close_timeout=TIMEOUT)
"""


@pytest.mark.exhaustive
def test_a_change_is_cured_by_one_command(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = repository_of(tmp_path, ADDED)
    assert run_replaykit("replay").returncode == 1

    done = run_replaykit("fix", "--apply", "--json", "fix.json")

    assert done.returncode == 0, done.stdout + done.stderr
    assert GUARD in done.stdout
    assert "diverges since" in done.stdout
    assert '"change")' in done.stdout
    assert "flows.py:18 in Flow.run: patch 'validate'" in done.stdout
    assert (
        "tried: 1 history that diverged replays with it, strictly\n"
        "       40 runs grown by the base replay\n"
        "       24 new runs do what the change does\n"
    ) in done.stdout
    assert repository.git("diff", "--name-only") == FILE
    assert run_replaykit("replay", "--strict").returncode == 0
    report = checked((tmp_path / "fix.json").read_text(), "fix")
    assert report["applied"] is True
    assert report["cure"]["files"] == {FILE: (tmp_path / FILE).read_text()}
    assert report["cure"]["patch_ids"] == ["validate"]
    assert report["summary"] == {"histories": 1, "broken": 1, "cured": 1}


@pytest.mark.exhaustive
def test_without_apply_nothing_is_written_and_git_takes_the_diff(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = repository_of(tmp_path, ADDED)
    done = run_replaykit("fix", "--patch-id", "check-order")
    assert done.returncode == 1
    assert repository.git("status", "--porcelain", "--untracked-files=no") == ""
    subprocess.run(["git", "apply"], cwd=tmp_path, input=done.stdout, text=True, check=True)
    assert 'if workflow.patched("check-order"):' in (tmp_path / FILE).read_text()
    assert run_replaykit("replay", "--strict").returncode == 0


@pytest.mark.exhaustive
def test_a_file_with_changes_that_git_does_not_hold_is_not_written(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = repository_of(tmp_path, ADDED)
    repository.git("reset", "--quiet", "--soft", "main")
    repository.git("checkout", "--quiet", "main")
    done = run_replaykit("fix", "--apply")
    assert done.returncode == 2
    assert f"{FILE}: it has changes that are not committed" in done.stderr
    assert (tmp_path / FILE).read_text() == sides_of(ADDED)[1]


def test_where_nothing_is_broken_nothing_is_done(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository_of(tmp_path, BY_NAME["patches.Patched"])
    done = run_replaykit("fix", "--base", "no-such-revision")  # nobody asks for it
    assert done.returncode == 0
    assert done.stdout == "nothing to fix: 1 history replays\n"


def test_where_nothing_is_broken_it_loads_no_more_than_a_replay(
    tmp_path: Path, clean_environ: dict[str, str]
) -> None:
    """The SDK and LibCST take as long to load as the replay of dozens of histories."""
    repository_of(tmp_path, BY_NAME["patches.Patched"])
    probe = (
        "import sys\n"
        "from replaykit.cli import cli\n"
        "code = cli.main(['fix'], standalone_mode=False)\n"
        "heavy = 'temporalio google asyncio libcst hypothesis'.split()\n"
        "print(code, *[name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=tmp_path,
        env=clean_environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["nothing to fix: 1 history replays", "0"]


@pytest.mark.exhaustive
def test_a_workflow_that_neither_side_knows_is_not_broken_by_the_change(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = repository_of(tmp_path, BY_NAME["patches.Patched"])
    (fixture,) = (tmp_path / "histories").glob("*.json")
    other = fixture.read_text().replace(f'"{read_history(fixture).workflow_type}"', '"Elsewhere"')
    fixture.with_name("elsewhere.json").write_text(other)
    repository.commit("a history of another project")
    done = run_replaykit("fix")
    assert done.returncode == 2
    assert "nothing to fix in 1 of 2; 1 history was not judged" in done.stdout


def test_without_histories_it_is_2(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = repository_of(tmp_path, ADDED)
    repository.remove("histories")
    done = run_replaykit("fix")
    assert done.returncode == 2
    assert "nothing to replay" in done.stderr


@pytest.mark.exhaustive
def test_an_older_break_is_not_blamed_on_the_change_and_its_base_is_found(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = repository_of(tmp_path, ADDED)
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "change")
    (tmp_path / FILE).write_text((tmp_path / FILE).read_text() + "\n# one more line\n")
    repository.commit("a comment")

    asked = run_replaykit("fix", "--base", "HEAD^")
    assert asked.returncode == 1
    assert (
        "no cure for 1 history: it does not replay under the base HEAD^ either, so the\n"
        "change is not what breaks it\n"
    ) in asked.stdout
    assert "+++" not in asked.stdout

    found = run_replaykit("fix")
    assert found.returncode == 1
    assert "compared with " in found.stdout.splitlines()[1]
    assert '"base")' in found.stdout.splitlines()[1]
    assert "diverges since" in found.stdout.splitlines()[2]
    assert '"change")' in found.stdout.splitlines()[2]
    assert GUARD in found.stdout


@pytest.mark.exhaustive
def test_what_no_guard_reaches_is_reported_with_its_reason(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    """What the workflow goes by is read from a file of data, which no patch can guard."""
    repository = repository_of(tmp_path, ADDED)
    repository.git("checkout", "--quiet", "main")
    code = sides_of(ADDED)[0].replace(
        "class Flow", "NAMES = Path(__file__).with_name('n').read_text().split()\n\n\nclass Flow"
    )
    head, _, _ = code.partition("        await")
    loop = """        for name in NAMES:
            await workflow.execute_activity(name, start_to_close_timeout=TIMEOUT)
"""
    code = f"from pathlib import Path\n{head}{loop}".replace("from __future__ import annotations\n", "")
    code = code.replace('@workflow.defn(name="Checkout")\nNAMES', "NAMES").replace(
        "class Flow", '@workflow.defn(name="Checkout", sandboxed=False)\nclass Flow'
    )
    (tmp_path / FILE).write_text(code)
    (tmp_path / "n").write_text("reserve charge ship")
    repository.commit("names from a file")
    assert run_replaykit("replay").returncode == 0
    repository.git("checkout", "--quiet", "-B", "change")
    (tmp_path / "n").write_text("reserve validate charge ship")
    repository.commit("another name")

    done = run_replaykit("fix", "--base", "main")

    assert done.returncode == 1
    assert (
        "no cure for 1 history: the source that the workflow was loaded from is as in the\nbase"
        in done.stdout
    )
    assert "+++" not in done.stdout


@pytest.mark.exhaustive
def test_what_new_runs_would_not_do_is_no_cure(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    """The base's code again replays every history; new runs would take a step that the change took away."""
    repository_of(tmp_path, BY_NAME["patches.PathRemoved"])
    done = run_replaykit("fix")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "in Flow.run: patch 'without-tax'" in done.stdout
    assert 'if not workflow.patched("without-tax"):' in done.stdout
    assert "as in the base" not in done.stdout


def test_libcst_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, package=None: None if name == "libcst" else find(name, package),
    )
    result = CliRunner().invoke(cli, ["fix"], standalone_mode=False)
    assert isinstance(result.exception, ConfigError)
    assert "pip install 'temporal-replaykit[fix]'" in str(result.exception)


BRANCHES = """from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn
class DataProcessingWorkflow:
    @workflow.run
    async def run(self, source: str, queue: str | None = None) -> int:
        if source == "other":
            await workflow.execute_activity("special", source, start_to_close_timeout=TIMEOUT)
            return 0
        rows = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        return await workflow.execute_activity("load_total", rows, start_to_close_timeout=TIMEOUT)
"""


@pytest.mark.exhaustive
def test_a_branch_that_no_fixture_shows_is_guarded_too(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository(tmp_path)
    write_project(tmp_path, code=BRANCHES)
    (tmp_path / "given.py").write_text(
        "from replaykit.explore import Values\n\n"
        'values = Values(activities={"extract_rows": 3, "load_total": 4, "special": 1})\n'
    )
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(f'{pyproject.read_text()}explore = {{ values = "given:values" }}\n')
    repository.commit("base")
    repository.git("checkout", "--quiet", "-b", "change")
    call = 'await workflow.execute_activity("{}", source, start_to_close_timeout=TIMEOUT)\n{}'
    repository.code(
        BRANCHES.replace(
            "            await", f"            {call.format('audit', ' ' * 12)}await", 1
        ).replace("rows =", f"{call.format('validate', ' ' * 8)}rows =")
    )
    repository.commit("Audit and validate")

    done = run_replaykit("fix", "--apply", "--json", "fix.json")

    assert done.returncode == 0, done.stdout + done.stderr
    report = checked((tmp_path / "fix.json").read_text(), "fix")
    assert report["cure"]["patch_ids"] == ["audit", "validate"]
    assert report["cure"]["tried"]["base_runs"] > 0


@pytest.mark.exhaustive
def test_the_diff_of_a_file_with_the_ends_of_windows_is_one_that_git_takes(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = repository_of(tmp_path, ADDED)
    path = tmp_path / FILE
    for branch in ("main", "change"):
        repository.git("checkout", "--quiet", branch)
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        repository.git("commit", "--quiet", "--all", "--message", "Ends")
    environ = {**os.environ, "NO_COLOR": "1"}
    shown = subprocess.run(
        [sys.executable, "-m", "replaykit", "fix"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        check=False,
    )
    subprocess.run(["git", "apply"], cwd=tmp_path, input=shown.stdout, check=True)
    assert b'if workflow.patched("validate"):\r\n' in path.read_bytes()


@pytest.mark.parametrize("patch_id", ["", 'a"b', "a\\b", " a", "a\n"])
def test_a_patch_id_that_is_no_plain_text_is_refused(run_replaykit: RunReplaykit, patch_id: str) -> None:
    done = run_replaykit("fix", "--patch-id", patch_id)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: --patch-id: a patch id is written into the code as it is")
