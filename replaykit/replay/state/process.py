"""State of the process that no module of the user's owns: what a replay may replace, and is put back."""

from __future__ import annotations

import builtins
import operator
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

from replaykit.code.reached import named_in
from replaykit.replay.state.kept import Kept, keep

__all__ = ["kept_of_process"]


def kept_of_process(users: Iterable[ModuleType]) -> Iterator[tuple[str, str, Kept]]:
    """What all runs share beside the user's modules.

    Args:
        users: The user's modules; of the standard library, those that these name are looked at.

    Yields:
        The module, the name in it, and what it holds now. Of a module's functions and classes, the name is
        empty: whichever was replaced.
    """
    yield "sys", "path", _kept_path()
    yield "os", "environ", _kept_environ()
    with suppress(OSError):  # a folder that is gone already
        yield "os", "getcwd()", _kept_folder()
    named = {builtins.__name__: builtins}
    for module in users:
        for name in named_in(module):
            if name in sys.stdlib_module_names and name in sys.modules and not name.startswith("_"):
                named[name] = sys.modules[name]
    for name, module in named.items():
        yield name, "", _kept_functions(module)


def _kept_path() -> Kept:
    path = sys.path

    def write(held: tuple[Any, ...]) -> None:
        sys.path = path
        path[:] = held

    return keep(lambda: tuple(sys.path), write)


def _kept_environ() -> Kept:
    names: Any = getattr(os.environ, "_data", os.environ)  # whose values need no decoding

    def write(held: tuple[Any, ...]) -> None:
        half = len(held) // 2
        before = dict(zip(held[:half], held[half:], strict=True))
        decode = getattr(os.environ, "decodevalue", str)
        for name in set(names) - set(before):
            del os.environ[decode(name)]
        for name, value in before.items():
            if names.get(name) != value:
                os.environ[decode(name)] = decode(value)

    return keep(lambda: (*names.keys(), *names.values()), write)


def _kept_folder() -> Kept:
    def read() -> tuple[Any, ...]:
        try:
            return (os.getcwd(),)  # noqa: PTH109  # pathlib's calls it
        except OSError:
            return ()

    return keep(read, lambda held: os.chdir(*held))


def _kept_functions(module: ModuleType) -> Kept:
    """Its public functions and classes. What a lazy cache of it holds is nobody's state, and the sandbox's
    stand-ins for built-in functions are no change."""
    names = tuple(
        name for name, value in vars(module).items() if callable(value) and not name.startswith("_")
    )
    last: list[tuple[Any, ...]] = [(), ()]

    def read() -> tuple[Any, ...]:
        raw = tuple(map(vars(module).get, names))
        if len(raw) != len(last[0]) or not all(map(operator.is_, raw, last[0])):
            shown = (
                before if type(now).__module__.startswith("temporalio.") else now
                for before, now in zip(last[1][len(names) :] or raw, raw, strict=True)
            )
            last[:] = [raw, (*names, *shown)]
        return last[1]

    def write(held: tuple[Any, ...]) -> None:
        for name, value in zip(names, held[len(names) :], strict=True):
            if vars(module).get(name) is not value:
                setattr(module, name, value)

    return keep(read, write)
