"""What a module of the user's raises while it is imported is an error of ours and ends no process."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from replaykit.code.importing import import_module, import_with_submodules, resolve
from replaykit.errors import WorkflowCodeError


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A module that runs the given statement."""
    name = f"ends_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(f"{request.param}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return name


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("import sys; sys.exit(1)", "importing it raised SystemExit: 1"),
        ("raise SystemExit", "importing it raised SystemExit"),
        ("raise GeneratorExit('over')", "importing it raised GeneratorExit: over"),
        ("class Odd(BaseException): pass\nraise Odd('odd')", "importing it raised Odd: odd"),
        ("import asyncio; raise asyncio.CancelledError", "importing it raised CancelledError"),
        ("1 / 0", "importing it raised ZeroDivisionError: division by zero"),
    ],
    indirect=["module"],
)
def test_it_is_named(module: str, words: str) -> None:
    for importing in (
        lambda: import_module(module, where="[tool.replaykit] workflows"),
        lambda: list(import_with_submodules(module, where="[tool.replaykit] workflows")),
        lambda: resolve(f"{module}:Anything", where="[tool.replaykit] workflows"),
    ):
        with pytest.raises(WorkflowCodeError) as raised:
            importing()
        assert words in str(raised.value)
        assert re.search(rf"{module}\.py:\d", str(raised.value))
        assert (raised.value.where or "").startswith(f"[tool.replaykit] workflows: '{module}")


@pytest.mark.parametrize("module", ["raise KeyboardInterrupt"], indirect=True)
def test_ctrl_c_is_the_users(module: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        import_module(module, where="")
