"""`replaykit replay --changed`: the whole command, twice."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from replaykit.code.needed import digest_of
from tests.check.kept.project import FIRST, SECOND, write, write_fixture, write_project
from tests.conftest import RunReplaykit
from tests.report.json_reports import checked

Replay = Callable[..., "subprocess.CompletedProcess[str]"]
EXTRA = '        await workflow.execute_activity("validate", start_to_close_timeout=SOON)\n        rows ='


@pytest.fixture
def replay(tmp_path: Path, run_replaykit: RunReplaykit) -> Replay:
    """A project in an empty folder, and the command in it."""
    root = tmp_path / "project"
    write_project(root)

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        cache = {name: str(tmp_path / "cache") for name in ("XDG_CACHE_HOME", "LOCALAPPDATA")}
        return run_replaykit("replay", "--changed", *arguments, cwd=root, **{**cache, **variables})

    return run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "project"


def memory_of(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "cache").rglob("*.json")
    return file


def body_of(file: Path) -> str:
    """The JSON in it, below a line that stands for it."""
    return file.read_text(encoding="utf-8").partition("\n")[2]


def with_its_line(body: str) -> str:
    return f"{digest_of(body.encode())}\n{body}"


def test_a_second_run_replays_nothing_and_says_so(replay: Replay) -> None:
    first = replay()
    assert first.returncode == 0, first.stderr
    assert "answered from before" not in first.stdout
    second = replay("--explain")
    assert second.returncode == 0
    *explained, _, row, _, _, closing = second.stdout.splitlines()
    assert explained == [f"histories/{name}/run.json: answered from before" for name in (FIRST, SECOND)]
    assert row.split()[-1] == "3"
    assert closing.startswith("2 consistent; 6 commands compared in ")
    assert closing.endswith("; 0 replayed, 2 answered from before")


def test_only_what_changed_is_replayed(replay: Replay, root: Path) -> None:
    replay()
    code = (root / "app/second.py").read_text(encoding="utf-8")
    write(root, "app/second.py", code.replace("        rows =", EXTRA))
    red = replay("--explain")
    assert red.returncode == 1
    assert f"histories/{FIRST}/run.json: answered from before" in red.stdout
    assert f"histories/{SECOND}/run.json: app/second.py changed" in red.stdout
    assert "1 consistent, 1 diverged" in red.stdout
    assert "; 1 replayed, 1 answered from before" in red.stdout
    again = replay("--explain")
    assert again.returncode == 1, "what is red is replayed"
    assert f"histories/{SECOND}/run.json: it was diverged" in again.stdout
    write(root, "app/second.py", code)
    assert replay().returncode == 0


def test_the_json_report_counts_both(replay: Replay) -> None:
    first = checked(replay("--json", "-").stdout, "replay")
    assert (first["summary"]["replayed"], first["summary"]["kept"]) == (2, 0)
    second = checked(replay("--json", "-").stdout, "replay")
    assert (second["summary"]["replayed"], second["summary"]["kept"]) == (0, 2)
    assert [verdict.pop("kept") for verdict in second["verdicts"]] == [True, True]
    assert [verdict.pop("kept") for verdict in first["verdicts"]] == [False, False]
    assert first["verdicts"] == second["verdicts"], "a kept verdict is the whole one"


def test_code_that_does_not_load_any_more_is_no_green(replay: Replay, root: Path) -> None:
    """The broken file belongs to no history that is left."""
    (root / f"histories/{SECOND}/run.json").unlink()
    assert replay().returncode == 0
    write(root, "app/second.py", "raise RuntimeError('broken')\n")
    broken = replay()
    assert broken.returncode == 2
    assert "broken" in broken.stderr


def test_a_second_class_of_the_same_type_is_no_green(replay: Replay, root: Path) -> None:
    assert replay().returncode == 0
    code = (root / "app/second.py").read_text(encoding="utf-8")
    write(root, "app/second.py", code + (root / "app/first.py").read_text(encoding="utf-8"))
    twice = replay()
    assert twice.returncode == 2
    assert "two classes are workflow type" in twice.stderr


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_type_that_another_worker_takes_on_is_replayed(replay: Replay, root: Path, is_alone: bool) -> None:
    """None of the files that its own workflow is made of has changed."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    tables = "".join(
        f'\n[[tool.replaykit.worker]]\nname = "{name}"\nworkflows = ["app.{name}"]\n'
        for name in ("first", "second")
    )
    write(root, "pyproject.toml", text.replace('workflows = ["app.first", "app.second"]\n', "") + tables)
    if is_alone:
        (root / f"histories/{SECOND}/run.json").unlink()
    assert replay().returncode == 0
    code = (root / "app/second.py").read_text(encoding="utf-8")
    write(root, "app/second.py", f"{code}\n\n{code.replace(SECOND, FIRST)}")
    both = replay("--explain")
    assert both.returncode == 2, both.stdout
    assert f"histories/{FIRST}/run.json: its worker runs other workflows now" in both.stdout
    assert "all have a workflow type" in both.stdout


def test_the_workflow_without_fixture_is_found_without_a_replay(replay: Replay, root: Path) -> None:
    (root / f"histories/{SECOND}/run.json").unlink()
    first, second = (run.stdout.partition("compared in")[2].splitlines()[1:] for run in (replay(), replay()))
    assert any(SECOND in line for line in first)
    assert first == second
    assert replay("--require-fixtures").returncode == 2


def test_nothing_of_the_sdk_is_loaded_and_no_process_started_where_nothing_is_replayed(
    tmp_path: Path, replay: Replay, root: Path
) -> None:
    replay()
    probe = (
        "import subprocess, sys\n"
        "def refused(*arguments, **options): raise AssertionError(arguments)\n"
        "subprocess.Popen.__init__ = refused\n"
        "from replaykit.cli import cli\n"
        "code = cli.main(['replay', '--changed'], prog_name='replaykit', standalone_mode=False)\n"
        "print(code, *(name for name in sys.modules if name.split('.')[0] == 'temporalio'))\n"
    )
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path / "home")}
    run = [sys.executable, "-c", probe]
    # The import path begins with "" here, where that of `-m` has the folder's name: the same in the end.
    result = subprocess.run(run, cwd=root, env=environ, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines()[-1] == "0", result.stdout + result.stderr
    assert "0 replayed, 2 answered from before" in result.stdout


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 1}', '{"format": 2, "entries": {}}', "null"])
def test_a_damaged_memory_is_taken_for_empty(tmp_path: Path, replay: Replay, damage: str) -> None:
    replay()
    memory_of(tmp_path).write_text(with_its_line(damage), encoding="utf-8")
    after = replay("--explain")
    assert after.returncode == 0
    assert after.stdout.count(": new history") == 2
    assert replay().stdout.count("2 answered from before") == 1


def test_a_whole_memory_of_another_format_is_taken_for_empty(tmp_path: Path, replay: Replay) -> None:
    replay()
    file = memory_of(tmp_path)
    data = {**json.loads(body_of(file)), "format": 2}
    file.write_text(with_its_line(json.dumps(data)), encoding="utf-8")
    assert replay("--explain").stdout.count(": new history") == 2


def test_a_memory_in_which_a_byte_is_another_is_taken_for_empty(tmp_path: Path, replay: Replay) -> None:
    replay()
    file = memory_of(tmp_path)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"commands_compared":3', '"commands_compared":7', 1), encoding="utf-8")
    after = replay("--explain").stdout
    assert after.count(": new history") == 2
    assert "; 6 commands compared" in after


def test_an_entry_that_was_tampered_with_in_form_is_replayed(tmp_path: Path, replay: Replay) -> None:
    replay()
    file = memory_of(tmp_path)
    data = json.loads(body_of(file))
    for entry in data["entries"].values():
        entry["verdict"]["outcome"] = "splendid"
    file.write_text(with_its_line(json.dumps(data)), encoding="utf-8")
    after = replay("--explain")
    assert after.returncode == 0
    assert after.stdout.count("what was kept of it cannot be read") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_a_memory_that_others_can_write_is_not_trusted(tmp_path: Path, replay: Replay, what: str) -> None:
    replay()
    file = memory_of(tmp_path)
    if what == "file":
        file.chmod(0o666)
    elif what == "folder":
        file.parent.chmod(0o777)
    else:
        elsewhere = tmp_path / "elsewhere.json"
        file.rename(elsewhere)
        file.symlink_to(elsewhere)
    assert replay("--explain").stdout.count(": new history") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_what_is_kept_is_for_its_user_alone(tmp_path: Path, replay: Replay) -> None:
    replay()
    file = memory_of(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_cache_folder_that_cannot_be_written_costs_nothing(tmp_path: Path, replay: Replay) -> None:
    (tmp_path / "cache").write_text("no folder", encoding="utf-8")
    for _ in range(2):
        result = replay()
        assert result.returncode == 0
        assert "answered from before" not in result.stdout


def test_two_processes_at_once_both_keep_what_they_judged(
    tmp_path: Path, clean_environ: dict[str, str], replay: Replay, root: Path
) -> None:
    for number in range(3):
        write_fixture(root, FIRST, f"run-{number}")
    environ = {
        **clean_environ,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "LOCALAPPDATA": str(tmp_path / "cache"),
    }
    command = [sys.executable, "-m", "replaykit", "replay", "--changed"]
    both = [
        subprocess.Popen([*command, f"histories/{name}"], cwd=root, env=environ, stdout=subprocess.DEVNULL)
        for name in (FIRST, SECOND)
    ]
    assert [process.wait(60) for process in both] == [0, 0]
    assert replay().stdout.rstrip().endswith("; 0 replayed, 5 answered from before")


@pytest.mark.parametrize("option", ["--html", "--perturb"])
def test_what_replays_everything_says_so(replay: Replay, tmp_path: Path, option: str) -> None:
    replay()
    value = [str(tmp_path / "page.html")] if option == "--html" else ["--perturb-rounds", "1"]
    result = replay(option, *value)
    assert result.returncode == 0, result.stderr
    assert "All histories are replayed, and no verdict is kept" in result.stderr
    assert "answered from before" not in result.stdout


def test_the_self_test_replays_its_own_histories(replay: Replay) -> None:
    replay()
    result = replay("--self-test")
    assert result.returncode == 0, result.stderr
    assert "2 answered from before" in result.stdout
    assert "self-test" in result.stdout


def test_explain_alone_is_refused(replay: Replay, run_replaykit: RunReplaykit, root: Path) -> None:
    result = run_replaykit("replay", "--explain", cwd=root)
    assert result.returncode == 2
    assert "Add --changed" in result.stderr


def test_the_key_is_its_twin(replay: Replay, root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root, "pyproject.toml", text.replace("[tool.replaykit]\n", "[tool.replaykit]\nchanged = true\n"))
    replay()
    assert "2 answered from before" in replay().stdout
    assert "answered from before" not in replay("--no-changed").stdout


def test_a_finding_about_the_code_comes_with_each_run(replay: Replay, root: Path) -> None:
    """A verdict without the finding that came with it would be half of the answer."""
    code = (root / "app/second.py").read_text(encoding="utf-8")
    code = "SEEN = []\n" + code.replace("        rows =", "        SEEN.append(source)\n        rows =")
    write(root, "app/second.py", code)
    worker = '\nworkflow_runner = "app.plain:runner"\n'
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root, "pyproject.toml", text + worker)
    write(
        root,
        "app/plain.py",
        "from temporalio.worker import UnsandboxedWorkflowRunner as Plain\n\nrunner = Plain()\n",
    )
    first, second = replay("--explain"), replay("--explain")
    assert "app.second.SEEN: OtherWorkflow" in first.stdout, first.stdout + first.stderr
    assert "app.second.SEEN: OtherWorkflow" in second.stdout
    assert f"histories/{SECOND}/run.json: something was noticed about its code" in second.stdout
    assert f"histories/{FIRST}/run.json: answered from before" in second.stdout


def test_code_that_starts_a_process_is_always_replayed(replay: Replay, root: Path) -> None:
    write(
        root, "app/boot.py", "import subprocess\n\n\ndef prepare() -> None:\n    subprocess.run(['true'])\n"
    )
    assert replay().returncode == 0
    assert replay("--explain").stdout.count("its code starts a process") == 2
