"""What objects hold, one level deep: kept, compared by identity, and put back.

No code of the user's is called for it: no `__repr__`, no `__eq__`, no property. What containers hold is read
by the methods of the built-in types themselves.
"""

from __future__ import annotations

import operator
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import CellType, GeneratorType, MemberDescriptorType, ModuleType
from typing import Any

__all__ = [
    "PLAIN",
    "Kept",
    "keep",
    "kept_cell",
    "kept_class",
    "kept_deque",
    "kept_dict",
    "kept_generator",
    "kept_list",
    "kept_module",
    "kept_random",
    "kept_set",
    "kept_slots",
    "kept_sign",
    "named",
]

PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes, range, type(...), type(NotImplemented)})
"""Types whose values never change and hold nothing."""
_Held = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One object, and what it held."""

    read: Callable[[], _Held]
    """What it holds now."""
    write: Callable[[_Held], None] | None
    """Makes it hold that again; None where nothing can."""
    held: _Held

    @property
    def is_changed(self) -> bool:
        """Whether it holds something else now."""
        now = self.read()
        return now is not self.held and not _same(self.held, now)


def keep(read: Callable[[], _Held], write: Callable[[_Held], None] | None) -> Kept:
    """What is held now, by what reads it and, where anything does, puts it back."""
    return Kept(read=read, write=write, held=read())


def kept_dict(owner: dict[Any, Any]) -> Kept:
    ordered = isinstance(owner, OrderedDict)
    clear: Any = OrderedDict.clear if ordered else dict.clear
    put: Any = OrderedDict.__setitem__ if ordered else dict.__setitem__

    def write(held: _Held) -> None:
        clear(owner)
        half = len(held) // 2
        for key, value in zip(held[:half], held[half:], strict=True):
            put(owner, key, value)

    return keep(lambda: (*dict.keys(owner), *dict.values(owner)), write)


def kept_list(owner: list[Any]) -> Kept:
    return keep(
        lambda: tuple(list.__iter__(owner)), lambda held: list.__setitem__(owner, slice(None), list(held))
    )


def kept_deque(owner: deque[Any]) -> Kept:
    def write(held: _Held) -> None:
        deque.clear(owner)
        deque.extend(owner, held)

    return keep(lambda: tuple(deque.__iter__(owner)), write)


def kept_set(owner: set[Any]) -> Kept:
    def write(held: _Held) -> None:
        set.clear(owner)
        set.update(owner, held[0])

    return keep(lambda: (frozenset(set.__iter__(owner)),), write)


def kept_module(module: ModuleType) -> Kept:
    """Its global names; a submodule that an import puts there is none of them."""
    names = vars(module)

    def put_back(before: dict[str, Any], gone: list[str]) -> None:
        for name in gone:
            del names[name]
        names.update(before)

    return _kept_names(
        names,
        lambda name, value: (
            not isinstance(value, ModuleType) and not (name.startswith("__") and name.endswith("__"))
        ),
        put_back,
    )


def kept_class(cls: type) -> Kept:
    """Its own attributes, but for those that Python itself gives it."""

    def put_back(before: dict[str, Any], gone: list[str]) -> None:
        for name in gone:
            type.__delattr__(cls, name)
        for name, value in before.items():
            if vars(cls).get(name) is not value:
                type.__setattr__(cls, name, value)

    return _kept_names(vars(cls), lambda name, value: not name.startswith("__"), put_back)


def _kept_names(
    names: Mapping[str, Any],
    is_shown: Callable[[str, Any], bool],
    put_back: Callable[[dict[str, Any], list[str]], None],
) -> Kept:
    last: list[_Held] = [(), ()]

    def read() -> _Held:
        raw = (*names.keys(), *names.values())
        if len(raw) != len(last[0]) or not all(map(operator.is_, raw, last[0])):
            shown = [(name, value) for name, value in tuple(names.items()) if is_shown(name, value)]
            last[:] = [raw, (*(name for name, _ in shown), *(value for _, value in shown))]
        return last[1]

    def write(held: _Held) -> None:
        before = named(held)
        put_back(before, [name for name in named(read()) if name not in before])

    return keep(read, write)


def named(held: tuple[Any, ...]) -> dict[str, Any]:
    """By name, what a module or a class held."""
    half = len(held) // 2
    return dict(zip(held[:half], held[half:], strict=True))


_NOTHING = object()


def kept_slots(owner: object, slots: tuple[MemberDescriptorType, ...]) -> Kept:
    def read() -> _Held:
        return tuple(_slot(owner, slot) for slot in slots)

    def write(held: _Held) -> None:
        for slot, value in zip(slots, held, strict=True):
            if value is not _NOTHING:
                slot.__set__(owner, value)
            elif _slot(owner, slot) is not _NOTHING:
                slot.__delete__(owner)

    return keep(read, write)


def _slot(owner: object, slot: MemberDescriptorType) -> object:
    try:
        return slot.__get__(owner, type(owner))
    except AttributeError:
        return _NOTHING


def kept_cell(cell: CellType) -> Kept:
    def read() -> _Held:
        try:
            return (cell.cell_contents,)
        except ValueError:  # empty
            return ()

    def write(held: _Held) -> None:
        if held:
            cell.cell_contents = held[0]
        else:
            del cell.cell_contents

    return keep(read, write)


def kept_random(owner: Random) -> Kept:
    state = owner.getstate()
    return keep(lambda: (hash(owner.getstate()),), lambda held: owner.setstate(state))


def kept_generator(owner: GeneratorType[Any, Any, Any]) -> Kept:
    """Where it stands and its variables; nothing puts it back."""

    def read() -> _Held:
        frame = owner.gi_frame
        return () if frame is None else (frame.f_lasti, *frame.f_locals.values())

    return keep(read, None)


def kept_sign(sign: Callable[[], object], back: Callable[[], None] | None = None) -> Kept:
    """An object of which there is one plain sign that it changed; and what puts it back, if anything."""
    return keep(lambda: (sign(),), None if back is None else lambda held: back())


def _same(before: _Held, now: _Held) -> bool:
    if len(before) != len(now):
        return False
    return all(map(operator.is_, before, now)) or all(map(_equal, before, now))


def _equal(before: object, now: object) -> bool:
    """Whether two values are one, or plain and equal: a value that was set again is no change."""
    if before is now:
        return True
    kind = type(before)
    if kind is not type(now):
        return False
    if isinstance(before, tuple) and isinstance(now, tuple):
        return _same(before, now)
    if isinstance(before, frozenset) and isinstance(now, frozenset):
        return not before ^ now
    return kind in PLAIN and before == now
