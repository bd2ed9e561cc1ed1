"""Small inputs on which replaykit was wrong, where they lie beside the checkout: each gives its right value.

What each of them is about has tests of its own; these see that nothing of it comes back.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.gate.repository import Repository

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CASES.is_dir(), reason="there are no cases beside the checkout"),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A command in a state of a case, and what comes of it."""

    folder: str
    arguments: Sequence[str]
    code: int
    shown: Sequence[str] = ()
    """Pieces of text that have to be in the output, whatever its case."""
    hidden: Sequence[str] = ()
    weekly: bool = False
    """Whether CI has another form of it."""

    def __str__(self) -> str:
        return f"{self.folder} {' '.join(self.arguments)}"


STATES = [
    Case(
        folder="02_signal_arity/base",
        arguments=["replay", "histories/thread-wide.json"],
        code=2,
        shown=["TypeError"],
        hidden=["vacuous", "capture it again"],
    ),
    Case(
        folder="07_taskgroup/head",
        arguments=["replay", "--strict", "histories/whole-stuck-under-new.json"],
        code=2,
        shown=["WorkflowTaskFailed"],
        hidden=["all consistent"],
    ),
    Case(folder="10_tool_cache/head", arguments=["replay"], code=1, shown=["ask-warm", "AGENT"]),
    Case(
        folder="10_tool_cache/head",
        arguments=["replay", "histories/ask-warm.json", "histories/ask-cold.json"],
        code=1,
        shown=["ask-warm"],
        weekly=True,
    ),
    Case(
        folder="10_tool_cache/head",
        arguments=["replay", "histories/ask-cold.json", "histories/ask-warm.json"],
        code=1,
        shown=["ask-warm"],
    ),
    Case(folder="10_tool_cache/head", arguments=["replay", "histories/ask-warm.json"], code=1, weekly=True),
    Case(folder="17_blocking_lib/head", arguments=["replay"], code=2, shown=["pricing.py:5"]),
    Case(folder="26_otel/head", arguments=["replay", "--perturb", "--perturb-rounds", "1"], code=0),
    Case(
        folder="26_otel/head", arguments=["replay", "--perturb", "--perturb-rounds", "3"], code=0, weekly=True
    ),
    Case(
        folder="28_codec_failure/head",
        arguments=["replay"],
        code=2,
        shown=["random", "flow.py:19"],
        hidden=["Encoded failure"],
    ),
    Case(
        folder="29_never_starts/head",
        arguments=["explore", "--scenarios", "10"],
        code=2,
        shown=["flow.py:20", "flow.py:28", "ROW_LIMIT", "KeyError: 'url'", "nothing was explored"],
    ),
    Case(
        folder="hostile/gil_hang",
        arguments=["replay", "--timeout", "5"],
        code=2,
        shown=["timed_out", "2 consistent"],
    ),
    *(
        Case(
            folder="hostile/exit_at_import",
            arguments=arguments,
            code=2,
            shown=["SystemExit"],
            weekly=arguments != ["replay"],
        )
        for arguments in (["replay"], ["patches"], ["explore"], ["replay", "--perturb"])
    ),
]


def _cases(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """CI has every folder; what has it in one more form is weekly."""
    marks = {True: pytest.mark.weekly, False: pytest.mark.exhaustive}
    params = [pytest.param(case, id=str(case), marks=marks[case.weekly]) for case in cases]
    return pytest.mark.parametrize("case", params)


@_cases(STATES)
def test_a_state(case: Case, tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    project = _copied(tmp_path, case.folder)
    done = run_replaykit(*case.arguments, cwd=project)
    text = done.stdout + done.stderr
    assert done.returncode == case.code, text
    assert "Traceback" not in text
    flat = " ".join(text.split()).casefold()
    assert [each for each in case.shown if each.casefold() not in flat] == []
    assert [each for each in case.hidden if each.casefold() in flat] == []


GATES = [
    Case(
        folder="11_uuid_lib",
        arguments=["gate"],
        code=0,
        shown=["unstable", "1 history"],
        hidden=["new-divergence"],
    ),
    Case(folder="24_pinned", arguments=["gate"], code=0, shown=["pinned"], hidden=["new-divergence"]),
    Case(
        folder="48_deprecated_early",
        arguments=["gate"],
        code=0,
        shown=["unproven"],
        hidden=["old runs survive"],
    ),
    Case(
        folder="36_schedule",
        arguments=["explore", "--base", "main", "--scenarios", "150"],
        code=1,
        shown=["TemporalScheduledStartTime", "flow.py:26"],
    ),
    Case(
        folder="48_deprecated_early",
        arguments=["explore", "--base", "main", "--scenarios", "100"],
        code=1,
        shown=["from before the patch 'with-a'"],
        weekly=True,
    ),
    Case(
        folder="42_unknown_type",
        arguments=["explore", "--base", "main", "--scenarios", "20"],
        code=1,
        shown=["flow.py:35", "Odd: not explored", "Weird"],
    ),
    Case(folder="hostile/exit_at_import", arguments=["gate"], code=2, shown=["SystemExit"]),
]


@_cases(GATES)
def test_a_change(case: Case, tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    folder = CASES / case.folder
    before = next(state for state in (folder / "base", folder / "head", folder) if state.is_dir())
    after = folder / "head" if (folder / "head").is_dir() else folder
    shutil.copytree(before, tmp_path, dirs_exist_ok=True, copy_function=_plain)
    repository = Repository(tmp_path)
    repository.commit("base")
    repository.git("checkout", "--quiet", "-b", "change")
    shutil.copytree(after, tmp_path, dirs_exist_ok=True, copy_function=_plain)
    with (tmp_path / "comment.py").open("a", encoding="utf-8") as file:
        file.write("# a comment\n")
    repository.commit()
    done = run_replaykit(*case.arguments)
    text = done.stdout + done.stderr
    assert done.returncode == case.code, text
    flat = " ".join(text.split()).casefold()
    assert [each for each in case.shown if each.casefold() not in flat] == []
    assert [each for each in case.hidden if each.casefold() in flat] == []


_FILES = tuple(sorted((CASES / "hostile").glob("*.json")))


@pytest.mark.parametrize(
    "paths",
    [
        pytest.param(_FILES, id="all", marks=pytest.mark.exhaustive),
        *(pytest.param((path,), id=path.stem, marks=pytest.mark.weekly) for path in _FILES),
    ],
)
def test_a_hostile_file(paths: Sequence[Path], tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    """It has an outcome of its own, and the good files beside it are judged."""
    project = _copied(tmp_path, "11_uuid_lib/head")
    good = next((project / "histories").glob("*.json")).name
    for path in paths:
        _plain(path, project / "histories" / path.name)
    done = run_replaykit("replay", "--json", "r.json", "--html", "r.html", cwd=project)
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode in (1, 2)
    report = json.loads((project / "r.json").read_text(encoding="utf-8"))
    outcomes = {Path(each["history"]).name: each["outcome"] for each in report["verdicts"]}
    assert outcomes.pop(good) == "diverged"  # its ids are new in every run
    assert outcomes == {path.name: "unjudged" for path in paths}
    assert (project / "r.html").stat().st_size > 10_000
    for path in paths if len(paths) == 1 else ():  # the rest is weekly
        shown = run_replaykit("show", f"histories/{path.name}", cwd=project)
        assert "Traceback" not in shown.stdout + shown.stderr
        assert shown.returncode in (0, 2)


@pytest.mark.parametrize(
    "arguments",
    [["replay"], ["replay", "--strict"], ["replay", "-v"], ["patches"], ["gate", "--base", "none"], ["show"]],
    ids=" ".join,
)
@pytest.mark.exhaustive
@pytest.mark.thinned(6)
def test_a_hostile_terminal(arguments: list[str], tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    project = _copied(tmp_path, "hostile/terminal")
    Repository(project).commit("base")
    files = sorted(str(path.relative_to(project)) for path in (project / "histories").glob("*.json"))
    runs = [[*arguments, file] for file in files] if arguments == ["show"] else [arguments]
    for each in runs:
        done = run_replaykit(*each, cwd=project)
        _assert_harmless(done.stdout + done.stderr)


@pytest.mark.exhaustive
def test_pytest_is_as_harmless(tmp_path: Path) -> None:
    project = _copied(tmp_path, "hostile/terminal")
    _assert_harmless(_pytest(project, "--replay-histories", "histories").stdout)


@pytest.mark.exhaustive
def test_histories_that_pytest_skips(tmp_path: Path) -> None:
    done = _pytest(_copied(tmp_path, "hostile/pytest_skip"), "--replay-histories", "histories")
    assert "INTERNALERROR" not in done.stdout
    assert re.search(r"\b3 skipped", done.stdout), done.stdout
    assert done.returncode != 0 or "passed" not in done.stdout


@pytest.mark.weekly  # CI has that case at the command line, and such code in tests/plugin/test_watchdog.py
def test_pytest_ends_where_the_code_holds_the_lock(tmp_path: Path) -> None:
    project = _copied(tmp_path, "hostile/gil_hang")
    done = _pytest(project, "--replay-histories", "histories", "--replay-timeout", "3")
    assert done.returncode != 0
    assert "wf.py" in done.stdout + done.stderr


@pytest.mark.exhaustive
def test_json_alone_where_the_code_writes_to_the_descriptor(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    done = run_replaykit("replay", "--json", "-", cwd=_copied(tmp_path, "hostile/stdout_fd1"))
    assert json.loads(done.stdout)["summary"]["histories"] == 3


@pytest.mark.exhaustive
def test_a_report_is_where_the_command_was_started(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    project = _copied(tmp_path, "hostile/chdir_import")
    run_replaykit("replay", "--json", "r.json", cwd=project)
    assert json.loads((project / "r.json").read_text(encoding="utf-8"))["summary"]["histories"] == 3


def _copied(tmp_path: Path, folder: str) -> Path:
    project = tmp_path / "project"
    shutil.copytree(CASES / folder, project, copy_function=_plain)
    for each in (project, *project.rglob("*")):
        each.chmod(0o755 if each.is_dir() else 0o644)
    return project


def _plain(source: str | Path, target: str | Path) -> None:
    """A copy that may be written, whatever the original allows."""
    Path(target).write_bytes(Path(source).read_bytes())


def _assert_harmless(text: str) -> None:
    raw = [
        char for char in text if (ord(char) < 32 and char not in "\n\t") or char in "\x7f\u202e\u2066\u2069"
    ]
    assert raw == [], text.encode("unicode_escape")
    assert [line for line in text.splitlines() if line.lstrip().startswith("::")] == []


def _pytest(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *arguments],
        cwd=project,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
