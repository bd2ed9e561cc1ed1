"""Lays a changed file out as the project's own formatter does, where it has one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["formatter_of"]

_PATIENCE_S = 20.0


def formatter_of(root: Path, repository: Path) -> Callable[[str, str], str]:
    """What lays out the text of a file, given its path in the repository; a file that was not laid out stays.

    Args:
        root: The project.
        repository: The top folder of its git repository.
    """
    command = _command(root)
    if command is None:
        return lambda file, text: text

    def tidy(file: str, text: str) -> str:
        path = repository / file
        now = _text(path)
        if now is None or _run(command, path, now) != now:
            return text  # not laid out before: its other lines would change
        return _run(command, path, text) or text

    return tidy


def _command(root: Path) -> Sequence[str] | None:
    """ruff or black, where the project configures one of them and it is installed."""
    try:
        tools = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        tools = {}
    has_ruff = "ruff" in tools or any((root / name).is_file() for name in ("ruff.toml", ".ruff.toml"))
    for name, is_wanted, arguments in (
        ("ruff", has_ruff, ["format", "--quiet", "--stdin-filename"]),
        ("black", "black" in tools, ["--quiet", "-", "--stdin-filename"]),
    ):
        beside = Path(sys.executable).with_name(name)
        program = str(beside) if beside.exists() else shutil.which(name)
        if is_wanted and program is not None:
            return [program, *arguments]
    return None


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None


def _run(command: Sequence[str], path: Path, text: str) -> str | None:
    last = [] if command[-1] != "--stdin-filename" else [str(path)]
    tail = ["-"] if "format" in command else []
    try:
        done = subprocess.run(
            [*command, *last, *tail],
            input=text.encode(),
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode() if done.returncode == 0 else None
