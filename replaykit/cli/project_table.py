"""The `[tool.replaykit]` table that `replaykit init` writes: what goes into it, and into the file."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Array, Table

from replaykit.code.definitions import Definition
from replaykit.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Plan", "add_table", "planned"]

_LINE = 88
"""An array that makes a longer line is written one entry a line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What `init` is about to write."""

    table: str
    """TOML, from `[tool.replaykit]` to its last newline."""
    notes: tuple[str, ...] = ()
    """What the user has to know or to fill in."""


def planned(found: Sequence[Definition]) -> Plan:
    """The table for these workflows, in which no worker has two of one workflow type.

    A type name is unique within one worker only. Where the source holds it twice, the modules are split into
    as few workers as that takes, by the folders that they lie in; where one module holds it twice, the class
    that comes last is named.
    """
    groups = list(_split(found, depth=0))
    document = tomlkit.document()
    tool = tomlkit.table(is_super_table=True)
    table = tomlkit.table()
    document["tool"] = tool
    tool["replaykit"] = table
    table["histories"] = ["histories"]
    if len(groups) == 1:
        notes = _add_workflows(table, groups[0][1])
        return Plan(table=tomlkit.dumps(document), notes=tuple(notes))
    workers = tomlkit.aot()
    notes = []
    for name, members in _named(groups):
        worker = tomlkit.table()
        worker["name"] = name
        worker["task_queues"] = tomlkit.array()
        worker["task_queues"].comment(f'the queues that it polls, such as "{name}-*"')
        notes += _add_workflows(worker, members)
        workers.append(worker)
    table["worker"] = workers
    twice = ", ".join(_types_twice(found))
    notes.append(
        f"More than one class is workflow type {twice}, and one worker cannot run both, so they are split\n"
        "into several. Fill in their task_queues: a history is judged by the worker of its task queue."
    )
    return Plan(table=tomlkit.dumps(document), notes=tuple(notes))


def _split(
    found: Sequence[Definition], *, depth: int, name: str = "default"
) -> Iterable[tuple[str, list[Definition]]]:
    """Groups without a type twice, or of one module, each with the dotted name that sets it apart."""
    if len({entry.module for entry in found}) == 1 or not _types_twice(found):
        yield name, list(found)
        return
    by_prefix: dict[str, list[Definition]] = defaultdict(list)
    for entry in found:
        by_prefix[".".join(entry.module.split(".")[: depth + 1])].append(entry)
    for prefix, members in by_prefix.items():
        yield from _split(members, depth=depth + 1, name=prefix)


def _named(groups: Iterable[tuple[str, list[Definition]]]) -> Iterable[tuple[str, list[Definition]]]:
    """The groups, called by the last part of their name where that is enough to keep them apart."""
    groups = list(groups)
    counts = Counter(name.rpartition(".")[2] for name, _ in groups)
    for name, members in groups:
        last = name.rpartition(".")[2]
        yield last if counts[last] == 1 else name, members


def _types_twice(found: Iterable[Definition]) -> list[str]:
    # Where the source does not show the name, the class is taken for one of a kind.
    counts = Counter(entry.workflow_type for entry in found if entry.workflow_type is not None)
    return [name for name, count in counts.items() if count > 1]


def _add_workflows(table: Table, members: Sequence[Definition]) -> list[str]:
    """Name what one worker runs in its table; where a module holds a type twice, its last class of it."""
    last = {entry.workflow_type: entry for entry in members}
    chosen = [entry for entry in members if entry.workflow_type is None or last[entry.workflow_type] is entry]
    table["workflows"] = _array(dict.fromkeys(entry.spec(by_class=chosen != members) for entry in chosen))
    if chosen == members:
        return []
    names = ", ".join(f"{entry.class_name} (line {entry.line})" for entry in members if entry not in chosen)
    return [
        f"Left out of {members[0].module}, where a later class is the same workflow type: {names}.\n"
        "Name the one that the worker runs."
    ]


def _array(values: Iterable[str]) -> Array:
    array = tomlkit.array()
    array.extend(values)
    return array.multiline(len(array.as_string()) > _LINE)


def add_table(path: Path, table: str) -> None:
    """Append the table to a pyproject.toml, or create the file; what is in it stays byte for byte.

    Raises:
        ConfigError: The file cannot be read or written, or has no place for such a table.
    """
    path = path.resolve()
    try:
        before = path.read_bytes() if path.exists() else b""
        after = _appended(before, table)
        if not _says_the_same(before, after, table):
            raise ConfigError(
                "there is no place for a table [tool.replaykit]: tool is written as an inline table",
                where=str(path),
                cure=f"Add it by hand:\n\n{table}",
            )
        _write(path, after)
    except OSError as error:
        raise ConfigError(
            f"the file cannot be written: {error.strerror}", where=str(path), cure=f"Add by hand:\n\n{table}"
        ) from error


def _appended(before: bytes, table: str) -> bytes:
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    text = table.encode().replace(b"\n", newline)
    if not before.strip():
        return before + text
    gap = b"" if before.endswith(b"\n") else newline
    return before + gap + newline + text


def _says_the_same(before: bytes, after: bytes, table: str) -> bool:
    """Whether the new text is TOML that holds what the old one held, and what the table holds."""
    expected = tomllib.loads(before.decode())
    expected.setdefault("tool", {})
    wanted: dict[str, Any] = tomllib.loads(table)["tool"]["replaykit"]
    expected["tool"]["replaykit"] = wanted
    try:
        return tomllib.loads(after.decode()) == expected
    except tomllib.TOMLDecodeError:
        return False


def _write(path: Path, content: bytes) -> None:
    """Write whole or not at all, and keep the permissions of what was there."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(temporary).chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o644)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
