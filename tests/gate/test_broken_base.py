"""A base that breaks down or never answers: it is reported in time, and nothing is left of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from replaykit.config import load_config
from replaykit.gate.base_verdicts import Request, judged_elsewhere
from replaykit.verdict import Outcome, Reason
from tests.gate.repository import CHANGED, FIXTURE, UNCHANGED, Repository
from tests.processes.alive import is_gone

_TIMEOUT_S = 5
_LOADING_S = 3
_BOOT = f"""
from replaykit.processes import deadlines
from replaykit.cli import main
deadlines.LOADING_S = {_LOADING_S}
deadlines.GRACE_S = 2
main()
"""
_COMMANDS = {
    "gate": ("gate",),
    "explore": ("explore", "--base", "main", "--scenarios", "2", "--time", "5"),
}
_NOTED = """
import ctypes, os, time
with open(os.environ["PIDS"], "a") as file:
    file.write(f"{os.getpid()}\\n")
"""
_HANGS = _NOTED + "time.sleep(10_000)\n"
_LEAVES = _NOTED + "os._exit(3)\n"
_WRITES = _NOTED + 'os.write(1, b"\\x00garbage\\xff" * 1000)\n'

Broken = Callable[..., Repository]


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    """Makes a repository whose `main` has that code, and whose change replays its one history well."""

    def make(code: str, change: str = UNCHANGED) -> Repository:
        (tmp_path / "repository").mkdir()
        repository = Repository.with_project(tmp_path / "repository", code=code)
        repository.git("checkout", "--quiet", "main")
        repository.policy(f"timeout = {_TIMEOUT_S}\n")
        repository.commit("timeout")
        repository.git("checkout", "--quiet", "-B", "change")
        repository.code(change)
        return repository

    return make


@pytest.fixture
def environ(tmp_path: Path, clean_environ: dict[str, str]) -> dict[str, str]:
    """Where the base notes its process, and where temporary folders go."""
    (tmp_path / "temporary").mkdir()
    return {**clean_environ, "PIDS": str(tmp_path / "pids"), "TMPDIR": str(tmp_path / "temporary")}


def started(repository: Repository, command: Sequence[str], environ: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _BOOT, *command],
        cwd=repository.root,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(repository: Repository, command: Sequence[str], environ: dict[str, str]) -> tuple[int, str, str]:
    with started(repository, command, environ) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def nothing_is_left(repository: Repository, environ: dict[str, str]) -> bool:
    pids = [int(line) for line in Path(environ["PIDS"]).read_text().split()]
    assert pids, "the base was never started"
    assert all(map(is_gone, pids))
    assert list(Path(environ["TMPDIR"]).iterdir()) == []
    assert worktrees(repository) == 1
    return True


def worktrees(repository: Repository) -> int:
    return len(repository.git("worktree", "list").splitlines())


_WITHIN = f"the base did not load its code within {_LOADING_S + _TIMEOUT_S} s"
_STUCK = f"{_WITHIN}; it was at flows.py:5 in <module>"
_LEFT = "the base ended with exit code 3 while it loaded its code"


@pytest.mark.exhaustive
@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.parametrize(
    ("code", "words", "cure"),
    [
        (_LEAVES, _LEFT, "Its modules must import without ending the process."),
        (_HANGS, _STUCK, "Its modules must import without waiting for anything."),
    ],
    ids=["leaves", "hangs"],
)
@pytest.mark.thinned(4)
def test_a_base_that_does_not_load(
    broken: Broken, environ: dict[str, str], command: str, code: str, words: str, cure: str
) -> None:
    repository = broken(code)
    returncode, out, err = run(repository, _COMMANDS[command], environ)
    assert returncode == 2, out + err
    output = " ".join((out + err).split())
    assert words in output
    assert cure in output
    assert "Traceback" not in output
    if command == "gate":
        assert "gate could not judge: " in output
        assert "base-not-judged: the base could not judge anything" in output
        assert "replaykit gate --base none" in output
    assert nothing_is_left(repository, environ)


@pytest.mark.exhaustive
@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.thinned(2)
def test_what_a_base_writes_to_standard_output_disturbs_nothing(
    broken: Broken, environ: dict[str, str], command: str
) -> None:
    repository = broken(_WRITES + UNCHANGED, CHANGED)
    returncode, out, err = run(repository, _COMMANDS[command], environ)
    assert returncode == 1, out + err
    assert "flows.py:12 in run" in out
    assert "garbage" not in out + err
    assert nothing_is_left(repository, environ)


_AT_ONE = CHANGED.replace("@workflow.defn", "@workflow.defn(sandboxed=False)").replace(
    '        await workflow.execute_activity("validate_source"',
    '        if workflow.info().workflow_id == "poisoned":\n'
    "            BREAKS\n"
    '        await workflow.execute_activity("validate_source"',
)
_BREAKS = [
    pytest.param("os._exit(3)", Reason.CRASHED, "the base ended with exit code 3", id="leaves"),
    pytest.param(
        "ctypes.PyDLL(None).sleep(10_000)",  # with the interpreter's lock: no deadline of Python's ends it
        Reason.TIMED_OUT,
        "the base gave no answer within ",
        id="hangs",
        marks=[
            pytest.mark.skipif(sys.platform == "win32", reason="another C library"),
            pytest.mark.weekly,
        ],
    ),
]


def _with_a_poisoned_history(repository: Repository) -> None:
    """Two histories, the first of which the base does not survive."""
    document = json.loads((repository.root / FIXTURE).read_text(encoding="utf-8"))
    document["replaykit"]["workflowId"] = "poisoned"
    first = document["events"][0]["workflowExecutionStartedEventAttributes"]
    first["workflowId"] = "poisoned"
    text = json.dumps(document)
    (repository.root / FIXTURE).with_name("a-poisoned.json").write_text(text, encoding="utf-8")
    repository.git("stash", "--quiet", "--include-untracked")
    repository.git("checkout", "--quiet", "main")
    (repository.root / FIXTURE).with_name("a-poisoned.json").write_text(text, encoding="utf-8")
    repository.commit("poisoned")
    repository.git("checkout", "--quiet", "-B", "change")
    repository.code(CHANGED)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("breaks", "reason", "words"), _BREAKS)
def test_a_history_that_the_base_does_not_survive_costs_no_other_verdict(
    broken: Broken, environ: dict[str, str], breaks: str, reason: Reason, words: str
) -> None:
    repository = broken(_NOTED + _AT_ONE.replace("BREAKS", breaks))
    _with_a_poisoned_history(repository)
    returncode, out, err = run(repository, ("gate",), environ)
    assert returncode == 1, out + err
    assert out.count("new-divergence: ") == 1
    assert "(the base is unjudged there too" in " ".join(out.split())
    assert out.count("inherited: the base has it too") == 1, "the other history was judged by the base"
    assert nothing_is_left(repository, environ)


@pytest.mark.weekly
@pytest.mark.parametrize(("breaks", "reason", "words"), _BREAKS)
def test_the_verdict_on_such_a_history_names_it_and_says_why(
    broken: Broken,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    breaks: str,
    reason: Reason,
    words: str,
) -> None:
    base = _NOTED + _AT_ONE.replace("BREAKS", breaks)
    repository = broken(base)
    _with_a_poisoned_history(repository)
    repository.code(base)
    monkeypatch.setenv("PIDS", environ["PIDS"])
    monkeypatch.setattr("replaykit.processes.deadlines.GRACE_S", 2)
    files = {path.stem: path for path in sorted((repository.root / FIXTURE).parent.glob("*.json"))}
    request = Request(root=repository.root, head=load_config(repository.root), files=files)
    verdicts = judged_elsewhere(request, what="the base").verdicts
    poisoned, other = verdicts["a-poisoned"], verdicts["copy-0"]
    assert (poisoned.outcome, poisoned.reason) == (Outcome.UNJUDGED, reason)
    assert (poisoned.message or "").startswith(words)
    assert (poisoned.workflow_type, poisoned.workflow_id) == ("DataProcessingWorkflow", "poisoned")
    assert other.outcome is Outcome.DIVERGED


@pytest.mark.weekly
def test_an_exploration_that_the_base_does_not_survive_is_never_green(
    broken: Broken, environ: dict[str, str]
) -> None:
    """The other workflow is explored all the same."""
    other = UNCHANGED.replace("class DataProcessingWorkflow", "class ZuluWorkflow").partition("@workflow")[2]
    leaves = UNCHANGED.replace("@workflow.defn", "@workflow.defn(sandboxed=False)").replace(
        "        rows =", "        os._exit(3)\n        rows ="
    )
    repository = broken(f"{_NOTED}{leaves}\n\n@workflow{other}", f"{UNCHANGED}\n\n@workflow{other}")
    returncode, out, err = run(repository, _COMMANDS["explore"], environ)
    assert returncode == 2, out + err
    assert "Error: DataProcessingWorkflow: not explored: the base ended with exit code 3" in err
    assert "ZuluWorkflow: " in out
    assert "nothing found, 1 not explored; 2 scenarios" in out
    assert nothing_is_left(repository, environ)


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="no signals between processes there")
@pytest.mark.parametrize(
    "number",
    [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)],
    ids=lambda number: number.name,
)
def test_a_gate_that_is_interrupted_leaves_nothing(
    broken: Broken, environ: dict[str, str], number: signal.Signals
) -> None:
    repository = broken(_HANGS)
    with started(repository, ("gate",), environ) as process:
        end = time.monotonic() + 60
        noted = Path(environ["PIDS"])
        while not (noted.exists() and noted.read_text()) and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err.strip()) == (128 + number, "Interrupted.")
    assert nothing_is_left(repository, environ)


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="no signals between processes there")
def test_what_a_killed_gate_leaves_the_next_start_removes(broken: Broken, environ: dict[str, str]) -> None:
    repository = broken(_HANGS)
    noted = Path(environ["PIDS"])
    with started(repository, ("gate",), environ) as killed, started(repository, ("gate",), environ) as other:
        end = time.monotonic() + 60
        while not (noted.exists() and len(noted.read_text().split()) > 1) and time.monotonic() < end:
            time.sleep(0.02)
        killed.kill()
        killed.wait()
        assert worktrees(repository) == 3  # the repository itself, and one of each gate
        run(repository, ("help",), environ)
        assert worktrees(repository) == 2  # that of the one that still runs is left alone
        other.send_signal(signal.SIGTERM)
        other.communicate(timeout=60)
    assert nothing_is_left(repository, environ)


@pytest.mark.weekly
def test_with_the_deadlines_as_they_are(broken: Broken, environ: dict[str, str]) -> None:
    repository = broken(_HANGS)
    command = [sys.executable, "-m", "replaykit", "gate"]
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=repository.root, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"within {30 + _TIMEOUT_S} s" in " ".join(done.stdout.split())
    assert 30 <= time.monotonic() - began < 90
    assert nothing_is_left(repository, environ)
