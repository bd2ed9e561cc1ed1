"""Which environment variables that a library reads are the user's: those that the user's code names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from replaykit.perturb.child.machine import _passes_a_library
from replaykit.perturb.child.variable_names import _words_of, is_named_in, users_words

_PYTHON = Path(os.__file__).parent
_WORDS = frozenset({"app_", "region", "debug", "rate_limit", "langchain"})


@pytest.mark.parametrize(
    ("variable", "named"),
    [
        ("RATE_LIMIT", True),
        ("Debug", True),
        ("APP_REGION", True),
        ("APP_RATE_LIMIT", True),
        ("APP_ZONE", False),
        ("LANGCHAIN_TRACING", False),
        ("REGION_", False),
        ("HOME", False),
        ("", False),
    ],
)
def test_what_names_a_variable(variable: str, named: bool) -> None:
    assert is_named_in(_WORDS, variable) is named


def test_the_words_are_those_of_the_users_modules_alone() -> None:
    words = users_words()
    assert is_named_in(words, "APP_RATE_LIMIT")  # this file names it
    assert not is_named_in(words, "PYDANTIC_" + "DISABLE_" + "PLUGINS")  # pydantic alone does


def _between(source: str, file: str, call: Callable[[], Any]) -> Any:
    names: dict[str, Any] = {"call": call}
    exec(compile(source, file, "exec"), names)
    return names["through"]()


@pytest.mark.parametrize(
    ("file", "is_library"),
    [
        ("/venv/lib/python3.11/site-packages/settings/main.py", True),
        ("/opt/packages/settings.py", True),
        (str(_PYTHON / "site-packages" / "settings.py"), True),
        (str(_PYTHON / "posixpath.py"), False),
        (os.__file__, False),
        ("<frozen posixpath>", False),
    ],
)
def test_what_lies_between(file: str, is_library: bool) -> None:
    def call() -> bool:
        here: FrameType = sys._getframe(1)
        assert here.f_back is not None
        return _passes_a_library(here, here.f_back)

    assert _between("def through():\n    return call()\n", file, call) is is_library


def test_a_file_that_is_gone_has_no_words(tmp_path: Path) -> None:
    assert _words_of(str(tmp_path / "gone.py")) == frozenset()
