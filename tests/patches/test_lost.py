"""Code that ends or stops the process that surveys it: named, and its patches stay open."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

import replaykit.patches.surveying
from replaykit import cli
from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError
from replaykit.patches import State, survey_in_child
from replaykit.patches.patch import Took
from tests.plugin.project import FIXTURE, UNCHANGED

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes")


def project(root: Path, statement: str, *, copies: int = 1) -> Config:
    code = UNCHANGED.replace(
        "        rows =", f'        workflow.patched("p")\n        {statement}\n        rows =', 1
    )
    (root / "flows.py").write_text(f"import ctypes, os, re, time\n{code}", encoding="utf-8")
    (root / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n', encoding="utf-8")
    for number in range(copies):
        folder = root / "histories"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.json").write_bytes(FIXTURE.read_bytes())
    return load_config(root)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        pytest.param(
            "os._exit(0)",
            "the replay process ended with exit code 0; it was at ",
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            're.match(r"(a+)+$", "a" * 60 + "b")',
            "gave no answer within 3 s; it was at ",
            marks=pytest.mark.exhaustive,
        ),
        pytest.param("ctypes.string_at(0)", "was ended by SIGSEGV", marks=pytest.mark.exhaustive),
    ],
)
@pytest.mark.thinned(3)
def test_a_history_over_which_it_is_lost_leaves_its_patches_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, words: str
) -> None:
    monkeypatch.setattr(replaykit.patches.surveying, "to_answer", lambda timeout_s: 3.0)
    config = project(tmp_path, statement)
    monkeypatch.syspath_prepend(tmp_path)
    found = survey_in_child(config, connection=None)
    (lost,) = found.lost
    assert lost.startswith("histories/0.json: ")
    assert words in lost
    (patch,) = found.patches
    assert [seen.took for seen in patch.evidence.fixtures] == [Took.UNKNOWN]
    assert patch.state is not State.MAY_BE_REMOVED


@pytest.mark.exhaustive
def test_too_many_of_them_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaykit.patches.surveying, "_MOST_LOST", 1)
    config = project(tmp_path, "os._exit(0)", copies=3)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        ReplaykitError, match="2 histories, one after the other, ended or stopped the process"
    ):
        survey_in_child(config, connection=None)


@pytest.mark.exhaustive
def test_the_command_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, "os._exit(0)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert cli._run(["patches", "--offline", "--json", "-"]) == 2
    shown = capsys.readouterr()
    assert '"not_replayed": [\n' in shown.out
    assert "not every history could be replayed" in shown.err


@pytest.mark.exhaustive
def test_stalls_in_a_row_are_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = project(tmp_path, "time.sleep(600)", copies=6)
    monkeypatch.syspath_prepend(tmp_path)
    config = dataclasses.replace(config, timeout_s=0.2)
    found = survey_in_child(config, connection=None)
    (patch,) = found.patches
    assert [seen.took for seen in patch.evidence.fixtures] == [Took.OLD] * 3 + [Took.UNKNOWN] * 3
