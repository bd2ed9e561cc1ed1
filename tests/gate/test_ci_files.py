"""The CI snippets of the README, the composite action and the hooks: parsed, and their commands run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.gate.repository import CHANGED, Repository

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS: Mapping[str, Any] = {
    match[1]: yaml.safe_load(match[2])
    for match in re.finditer(r"```yaml\n# (\S+)\n(.*?)```", README, re.DOTALL)
}
"""By the file that each is to be written to."""
ACTION = yaml.safe_load((ROOT / ".github/actions/replay-gate/action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def scripts(snippet: Any) -> Iterator[str]:
    """Every shell command of a snippet, in order."""
    if isinstance(snippet, dict):
        for key, value in snippet.items():
            if key in ("run", "script", "entry"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from scripts(value)
    elif isinstance(snippet, list):
        for value in snippet:
            yield from scripts(value)


def gate_of(snippet: Any) -> str:
    (command,) = [script for script in scripts(snippet) if "replaykit gate" in script]
    return command


def sh(command: str, folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a line of a snippet with this checkout's `replaykit`."""
    path = f"{Path(sys.executable).parent}:{environ['PATH']}"
    return subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={**environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_there_is_one_for_each_ci() -> None:
    cis = {".github/workflows/replay.yml", ".gitlab-ci.yml", ".circleci/config.yml"}
    assert set(SNIPPETS) == {*cis, ".pre-commit-config.yaml"}


@pytest.mark.weekly
@pytest.mark.skipif(sys.platform == "win32", reason="the snippets are for runners with bash")
@pytest.mark.parametrize("file", sorted(SNIPPETS))
def test_the_gate_of_a_snippet_works(file: str, tmp_path: Path, clean_environ: dict[str, str]) -> None:
    repository = Repository.with_project(tmp_path)
    command = gate_of(SNIPPETS[file])
    green = sh(command, tmp_path, clean_environ)
    assert green.returncode == 0, green.stdout + green.stderr
    repository.code(CHANGED)
    repository.commit()
    red = sh(command, tmp_path, clean_environ)
    assert red.returncode == 1, red.stdout + red.stderr


@pytest.mark.exhaustive
def test_a_snippet_announces_the_files_that_it_writes(tmp_path: Path, clean_environ: dict[str, str]) -> None:
    Repository.with_project(tmp_path)
    gitlab = SNIPPETS[".gitlab-ci.yml"]["replay"]
    sh(gate_of(gitlab), tmp_path, clean_environ)
    for report in gitlab["artifacts"]["reports"].values():
        assert (tmp_path / report).is_file(), report
    circle = SNIPPETS[".circleci/config.yml"]["jobs"]["replay"]["steps"]
    (stored,) = [step["store_test_results"]["path"] for step in circle if "store_test_results" in step]
    sh(gate_of(circle), tmp_path, clean_environ)
    assert list((tmp_path / stored).glob("*.xml"))


@pytest.mark.skipif(sys.platform == "win32", reason="the action is for runners with bash")
@pytest.mark.parametrize("inputs", [{}, {"base": "main", "sarif": "out.sarif", "arguments": "--strict"}])
@pytest.mark.exhaustive
@pytest.mark.thinned(2)
def test_the_composite_action(
    inputs: Mapping[str, str], tmp_path: Path, clean_environ: dict[str, str]
) -> None:
    repository = Repository.with_project(tmp_path)
    (step,) = ACTION["runs"]["steps"]
    given = {name: inputs.get(name, entry["default"]) for name, entry in ACTION["inputs"].items()}
    environ = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: given[match[1]], text)
        for name, text in step["env"].items()
    }
    done = sh(step["run"], tmp_path, {**clean_environ, **environ})
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "out.sarif").is_file() is ("sarif" in inputs)
    repository.code(CHANGED)
    assert sh(step["run"], tmp_path, {**clean_environ, **environ}).returncode == 1


@pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])
@pytest.mark.exhaustive
@pytest.mark.thinned(2)
def test_the_hooks(hook: Mapping[str, Any], tmp_path: Path, clean_environ: dict[str, str]) -> None:
    repository = Repository.with_project(tmp_path)
    assert sh(hook["entry"], tmp_path, clean_environ).returncode == 0
    repository.code(CHANGED)
    assert sh(hook["entry"], tmp_path, clean_environ).returncode == 1
