"""Which lines are the user's, and where their code stands when a replay is over."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from replaykit.code.user_code import is_user_code
from replaykit.replay.end_state import EndState, end_state_of

ASK = """\
import pathlib, site
from replaykit.code.user_code import is_user_code

file = pathlib.Path(site.getusersitepackages(), "package.py")
file.parent.mkdir(parents=True)
file.touch()
print(is_user_code(str(file)))
"""


def test_a_file_of_the_project_is_the_users(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    assert is_user_code(str(tmp_path / "app.py"))
    assert not is_user_code("<string>")


def test_packages_of_this_environment_and_of_its_base_are_not() -> None:
    base = sysconfig.get_paths(vars={"base": sys.base_prefix, "platbase": sys.base_exec_prefix})
    installed = [*Path(base["purelib"]).glob("*/*.py")][:1]  # none where the base has no packages
    for file in (pytest.__file__, os.__file__, *installed):
        assert not is_user_code(str(file))


def test_packages_of_the_user_are_not(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "PYTHONUSERBASE": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert answer.stdout == "False\n"


def test_of_another_sdk_nothing_is_known() -> None:
    assert end_state_of(object()) == EndState()
