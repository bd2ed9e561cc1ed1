"""Every misbehaving code at every door: the others are judged, and nothing hangs or is green in silence."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gate.repository import Repository
from tests.hostile.codes import CODES, GOOD_LINES, Code
from tests.hostile.project import BAD, write_code, write_hostile_project

IN_EVERY_RUN = {
    ("pytest", "os._exit(0)", "in the workflow"),
}
IN_CI = {
    ("command line", "a process of its own", "in the workflow"),
    ("gate", "exit in C", "in the workflow"),
    ("xdist", "os._exit(0)", "in the workflow"),
    ("command line", "closes 0 to 2", "at import"),
    ("pytest", "sys.exit", "at import"),
}
DOORS = ("command line", "gate", "pytest", "xdist")
TIMEOUT_S = "2"


def rows() -> Iterator[object]:
    for door in DOORS:
        for code in CODES:
            if door in ("pytest", "xdist") and code.not_in_pytest:
                continue
            yield pytest.param(door, code, id=f"{door}: {code.name} {code.where}", marks=_marks(door, code))


def _marks(door: str, code: Code) -> tuple[pytest.MarkDecorator, ...]:
    """One is in every run, each door in that of CI, and all the others in the weekly one."""
    row = (door, code.name, code.where)
    if row in IN_EVERY_RUN:
        return ()
    return (pytest.mark.exhaustive if row in IN_CI else pytest.mark.weekly,)


def run(root: Path, environ: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=root,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=150)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX codes")
@pytest.mark.parametrize(("door", "code"), list(rows()))
def test_a_code_at_a_door(tmp_path: Path, clean_environ: dict[str, str], door: str, code: Code) -> None:
    if door == "gate":
        at_the_gate(tmp_path, clean_environ, code)
        return
    write_hostile_project(tmp_path, code)
    if door == "command line":
        at_the_command_line(tmp_path, clean_environ, code)
    else:
        in_pytest(tmp_path, clean_environ, code, "-n2" if door == "xdist" else "-p no:xdist")


def at_the_command_line(root: Path, environ: dict[str, str], code: Code) -> None:
    arguments = ("--timeout", TIMEOUT_S, "--json", "-", "--markdown", "report.md")
    result = run(root, environ, "replaykit", "replay", *arguments)
    assert "Traceback" not in result.stderr
    assert (root / "report.md").is_file()
    assert result.returncode == {None: 0, "diverged": 1}.get(code.reason, 2), result.stderr
    if code.reason == "not loaded":
        assert result.stdout == ""
        assert result.stderr.splitlines()[-1].startswith("Error: ")
        return
    verdicts = {verdict["history"]: verdict for verdict in json.loads(result.stdout)["verdicts"]}
    bad = verdicts.pop(BAD)
    assert [verdict["outcome"] for verdict in verdicts.values()] == ["consistent"] * GOOD_LINES
    assert (bad["reason"] or bad["outcome"]) == (code.reason or "consistent"), bad["message"]


def at_the_gate(root: Path, environ: dict[str, str], code: Code) -> None:
    """The base does nothing of the kind."""
    repository = Repository(root)
    write_hostile_project(root, dataclasses.replace(code, lines="pass"))
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f"timeout = {TIMEOUT_S}\n")
    repository.commit("base")
    repository.git("checkout", "--quiet", "-b", "change")
    write_code(root, code)
    repository.commit()
    result = run(root, environ, "replaykit", "gate", "--base", "main", "--json", "-")
    assert "Traceback" not in result.stderr
    assert result.returncode == {None: 0, "diverged": 1}.get(code.reason, 2), result.stderr
    report = json.loads(result.stdout)
    assert report["exit_code"] == result.returncode
    if code.reason != "not loaded":
        failing = {issue["history"] for issue in report["issues"] if issue["level"] == "fail"}
        assert failing == (set() if code.reason is None else {BAD})


def in_pytest(root: Path, environ: dict[str, str], code: Code, option: str) -> None:
    arguments = ("-p", "no:cacheprovider", "--replay-timeout", TIMEOUT_S, "-v", *option.split())
    result = run(root, environ, "pytest", "--replay-histories", "histories", *arguments)
    text = result.stdout
    assert "INTERNALERROR" not in text
    failed, passed = (count(text, word) for word in ("failed", "passed"))
    if code.reason is None:
        assert (result.returncode, passed) == (0, GOOD_LINES + 1), text
    elif not code.ends_pytest and code.reason != "not loaded":
        assert (result.returncode, failed, passed) == (1, 1, GOOD_LINES), text
    elif code.reason == "not loaded":
        assert (result.returncode != 0, passed) == (True, 0), text
    elif "-n2" in option:
        assert (result.returncode, failed, passed) == (1, 1, GOOD_LINES), text
        assert BAD in text
    else:
        assert result.returncode not in (0, 5), text
        assert passed == 0, "the run came to its end"


def count(text: str, word: str) -> int:
    found = re.search(rf"(\d+) {word}", text.splitlines()[-1] if text else "")
    return int(found[1]) if found else 0
