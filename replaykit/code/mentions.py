"""What the code of an imported workflow mentions: the names and texts in its functions, and its globals."""

from __future__ import annotations

import contextlib
import dis
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from replaykit.whose_code import is_user_code

__all__ = ["Mentions", "mentions_of"]

_MAKES_SETS = frozenset({"BUILD_SET", "SET_ADD", "SET_UPDATE"})
_MOST = 5_000
"""Things that are looked into."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mentions:
    """What the user's code that a workflow can come to mentions. Nothing of a library's code is in it."""

    names: frozenset[str] = frozenset()
    """Of globals and attributes; of a function that was imported under another name, its own too."""
    texts: tuple[str, ...] = ()
    """Texts that stand in its functions, each once."""
    values: tuple[Any, ...] = ()
    """What its functions find among the globals, but for functions, classes and modules."""
    has_sets: bool = False
    """Whether its functions make or name sets, whose order another hash seed changes."""


def mentions_of(workflow: type, leave_out: Callable[[Any], bool] = lambda thing: False) -> Mentions:
    """Follow a workflow class through its bases, and through what its functions name among their globals.

    Args:
        workflow: The class, imported.
        leave_out: Whether a function or class is not followed, though it is named.
    """
    waiting: list[Any] = [workflow]
    seen: set[int] = set()
    names: set[str] = set()
    texts: dict[str, None] = {}
    values: dict[int, Any] = {}
    has_sets = False
    while waiting and len(seen) < _MOST:
        thing = waiting.pop()
        if id(thing) in seen or leave_out(thing):
            continue
        seen.add(id(thing))
        if isinstance(thing, FunctionType):
            for code in _with_inner(thing.__code__):
                names.update(code.co_names)
                has_sets = has_sets or _makes_sets(code)
                texts.update((const, None) for const in _texts(code.co_consts))
                found = list(_named(thing.__globals__, code))
                names.update(each.__name__ for each in found if isinstance(each, FunctionType))
                waiting += filter(_is_followed, found)
            waiting += filter(_is_followed, _closed_over(thing))
        elif isinstance(thing, type):
            waiting += filter(_is_followed, _members(thing))
        else:
            values[id(thing)] = thing
    return Mentions(
        names=frozenset(names), texts=tuple(texts), values=tuple(values.values()), has_sets=has_sets
    )


def _makes_sets(code: CodeType) -> bool:
    made = any(instruction.opname in _MAKES_SETS for instruction in dis.get_instructions(code))
    constant = any(isinstance(const, frozenset) for const in code.co_consts)
    return made or constant or not {"set", "frozenset"}.isdisjoint(code.co_names)


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _with_inner(const)


def _texts(consts: tuple[Any, ...]) -> Iterator[str]:
    for const in consts:
        if isinstance(const, str):
            yield const
        elif isinstance(const, tuple | frozenset):
            yield from _texts(tuple(const))


def _named(namespace: Mapping[str, Any], code: CodeType) -> Iterator[Any]:
    """What a function's names stand for; of a module, which of its members they are."""
    modules, seen = [namespace], {id(namespace)}
    imported = (sys.modules.get(name) for name in code.co_names if name not in namespace)
    modules += [vars(module) for module in imported if module is not None and _is_theirs(module)]
    while modules:
        members = modules.pop()
        for found in (members[name] for name in code.co_names if name in members):
            if not isinstance(found, ModuleType):
                yield found
            elif id(vars(found)) not in seen and _is_theirs(found):
                seen.add(id(vars(found)))
                modules.append(vars(found))


def _closed_over(function: FunctionType) -> Iterator[Any]:
    """What a decorator has wrapped, and what else a function keeps of the one around it."""
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # one that is not filled yet
            yield cell.cell_contents


def _members(owner: type) -> Iterator[Any]:
    for home in filter(_is_theirs, owner.__mro__):
        for value in list(vars(home).values()):
            yield getattr(value, "fget", None) or getattr(value, "__func__", None) or value


def _is_followed(thing: Any) -> bool:
    """Whether it is the user's; of what is no code, whatever it is."""
    return not isinstance(thing, ModuleType) and (
        not isinstance(thing, type | FunctionType) or _is_theirs(thing)
    )


def _is_theirs(thing: type | FunctionType | ModuleType) -> bool:
    if isinstance(thing, FunctionType):
        return is_user_code(inspect.unwrap(thing).__code__.co_filename) or is_user_code(
            thing.__code__.co_filename
        )
    module = thing if isinstance(thing, ModuleType) else sys.modules.get(thing.__module__)
    file = getattr(module, "__file__", None)
    return file is not None and is_user_code(file)
