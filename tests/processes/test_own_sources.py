"""Bytecode beside the user's modules is none of theirs."""

from __future__ import annotations

import importlib
import os
import py_compile
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

from replaykit.processes.own_sources import compile_from_source

_EARLIER = 1_000_000_000


@pytest.fixture
def _from_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(SourceFileLoader, "get_code", SourceFileLoader.get_code)
    compile_from_source()


def imported(monkeypatch: pytest.MonkeyPatch) -> Any:
    importlib.invalidate_caches()
    monkeypatch.delitem(sys.modules, "own_flows", raising=False)
    module = importlib.import_module("own_flows")
    monkeypatch.delitem(sys.modules, "own_flows")
    return module


def written(tmp_path: Path, source: str) -> Path:
    file = tmp_path / "own_flows.py"
    file.write_text(source, encoding="utf-8")
    os.utime(file, (_EARLIER, _EARLIER))
    return file


@pytest.mark.usefixtures("_from_source")
@pytest.mark.parametrize("mode", list(py_compile.PycInvalidationMode))
def test_old_bytecode_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: py_compile.PycInvalidationMode
) -> None:
    py_compile.compile(str(written(tmp_path, "VALUE = 1\n")), invalidation_mode=mode)
    written(tmp_path, "VALUE = 2\n")
    assert imported(monkeypatch).VALUE == 2


@pytest.mark.usefixtures("_from_source")
def test_a_module_is_compiled_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "def value():\n    return 1\n")
    first, again = imported(monkeypatch).value, imported(monkeypatch).value
    assert first is not again
    assert first.__code__ is again.__code__
    written(tmp_path, "def value():\n    return 2\n")
    assert imported(monkeypatch).value() == 2
    assert not (tmp_path / "__pycache__").exists()
