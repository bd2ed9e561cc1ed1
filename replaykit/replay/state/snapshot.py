"""State of the user's modules that all runs of a process share: what a replay changed, and undoing it.

The sandbox gives each run its own copy of the workflow's module, but what it passes through is shared, and
without a sandbox everything is. A cache there lets one History pass because of another.
"""

from __future__ import annotations

import functools
import gc
import itertools
import operator
import random
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from types import CellType, FunctionType, GeneratorType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

from replaykit.replay.state.kept import (
    PLAIN,
    Kept,
    kept_cell,
    kept_class,
    kept_deque,
    kept_dict,
    kept_generator,
    kept_list,
    kept_module,
    kept_random,
    kept_set,
    kept_sign,
    kept_slots,
    named,
)
from replaykit.replay.state.process import kept_of_process
from replaykit.replay.state.thorough import hides_something, is_inert, kept_function, kept_subclasses

__all__ = ["Change", "Snapshot"]

_MOST_OBJECTS = 20_000
_DEPTH = 8
_MOST_THOROUGH, _DEPTH_THOROUGH = 200_000, 40
_OPEN = frozenset({"types", "collections", "asyncio", "queue", "argparse", "configparser"})
"""Modules of the standard library whose objects are looked into."""
_CLOSED = frozenset(
    {
        "google",
        "loguru",
        "opentelemetry",
        "prometheus_client",
        "pydantic",
        "pydantic_core",
        "replaykit",
        "sentry_sdk",
        "structlog",
        "temporalio",
        "typing_extensions",
    }
)
"""Libraries whose objects keep notes that no workflow depends on: loggers, metrics, validators."""
_ITERATED: tuple[Iterable[Any], ...] = ([], (), {}, {}.values(), {}.items(), set(), range(0), "", b"")
_ITERATORS = (*(type(iter(each)) for each in _ITERATED), type(reversed([])))


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A global name whose value changed."""

    module: str
    name: str


class Snapshot:
    """What the globals of some modules held at one time.

    The walk over them is bounded in depth and in the number of objects. What lies beyond is not seen; so a
    change above it is never undone.

    Args:
        modules: By name, the modules; objects that several name are the first one's.
        thorough: Whether to look into objects of any library, and to find out whether all was seen.
    """

    def __init__(self, modules: Iterable[ModuleType], *, thorough: bool = False) -> None:
        self._modules = tuple(modules)
        self._thorough = thorough
        self._most, self._depth = (_MOST_THOROUGH, _DEPTH_THOROUGH) if thorough else (_MOST_OBJECTS, _DEPTH)
        self._names = frozenset(module.__name__ for module in self._modules)
        self._kept: list[tuple[Change, Kept, bool]] = []
        """Whose global it is, what it held, and whether that can be put back."""
        self._seen: dict[int, object] = {}
        self._cut: set[Change] = set()
        for module in self._modules:
            self._keep(module)
        for owner, name, kept in kept_of_process(self._modules):
            self._kept.append((Change(module=owner, name=name), kept, True))

    @property
    def is_whole(self) -> bool:
        """Whether all that the modules hold was seen, as far as the walk knows."""
        return not self._cut

    @property
    def is_changed(self) -> bool:
        """Whether any of it holds something else now."""
        return any(kept.is_changed for _, kept, _ in self._kept)

    def changed(self) -> tuple[Change, ...]:
        """The globals that hold something else now, each once."""
        return tuple(dict.fromkeys(self._home(root, kept) for root, kept, _ in self._changed()))

    def restore(self) -> bool:
        """Make them hold again what they held.

        Returns:
            Whether they all do. Where something cannot be put back, or was not wholly seen, nothing is done.
        """
        changed = list(self._changed())
        roots = {self._home(root, kept) for root, kept, _ in changed}
        if roots & self._cut or not all(whole and kept.write is not None for _, kept, whole in changed):
            return False
        for _, kept, _ in changed:
            if kept.write is not None:
                kept.write(kept.held)
        return not self.is_changed

    def _changed(self) -> Iterator[tuple[Change, Kept, bool]]:
        return (each for each in self._kept if each[1].is_changed)

    def _home(self, root: Change, kept: Kept) -> Change:
        """The global that changed: of a module's own names, the first that was bound to another value."""
        if root.name:
            return root
        before, now = named(kept.held), named(kept.read())
        for name in (*before, *now):
            if before.get(name, kept) is not now.get(name, kept):
                return Change(module=root.module, name=name)
        return root

    def _keep(self, module: ModuleType) -> None:
        own = Change(module=module.__name__, name="")
        kept = kept_module(module)
        self._kept.append((own, kept, True))
        for name, value in named(kept.held).items():
            root = Change(module=module.__name__, name=name)
            waiting = [(value, 0, True)]
            while waiting:
                each, depth, whole = waiting.pop()
                waiting.extend(self._looked_at(root, each, depth, whole))

    def _looked_at(
        self, root: Change, value: Any, depth: int, whole: bool
    ) -> Iterator[tuple[object, int, bool]]:
        """Keep what an object holds; what is to be looked at next."""
        if type(value) in PLAIN or isinstance(value, (Enum, ModuleType)) or id(value) in self._seen:
            return
        if depth > self._depth or len(self._seen) > self._most:
            self._cut.add(root)
            return
        self._seen[id(value)] = value
        if self._thorough and isinstance(value, _READ) and hides_something(type(value)):
            self._cut.add(root)
        if not isinstance(value, _TRANSPARENT):
            module = type(value).__module__
            is_users = module in self._names
            if not is_users and not (self._thorough or _is_open(module.partition(".")[0])):
                return
            whole = whole and is_users
            if self._thorough and not self._is_shown(root, value):
                return
        for kept, inner in self._parts(value):
            if kept is not None:
                self._kept.append((root, kept, whole))
            for each in inner:
                if type(each) not in PLAIN:
                    yield each, depth + 1, whole

    def _is_shown(self, root: Change, value: Any) -> bool:
        """Whether an object is to be looked into; where nobody can, its global is not wholly seen."""
        if is_inert(value):
            return False
        if hides_something(type(value)):
            self._cut.add(root)
            return False
        return True

    def _parts(self, value: Any) -> Iterator[tuple[Kept | None, Iterable[object]]]:
        """What an object holds, and the values in it."""
        if isinstance(value, (tuple, frozenset)):
            yield None, tuple(value)
        elif isinstance(value, type):
            if value.__module__ in self._names and not issubclass(value, Enum):
                kept = kept_class(value)
                yield kept, kept.held
                if self._thorough:
                    yield kept_subclasses(value), ()
        elif isinstance(value, FunctionType):
            if value.__module__ in self._names:
                yield from _of_function(value)
                if self._thorough:
                    yield kept_function(value), ()
        elif isinstance(value, CellType):
            kept = kept_cell(value)
            yield kept, kept.held
        elif isinstance(value, functools._lru_cache_wrapper):
            cached = _cached(value)
            sign = functools.partial(_ids, value)
            yield kept_sign(sign, None if cached else value.cache_clear), cached
            yield None, (value.__wrapped__,)
        elif isinstance(value, _WRAPPERS):
            yield None, _wrapped(value)
        else:
            yield from _of_instance(value)


_READ = (dict, list, set, deque, tuple, frozenset)
_WRAPPERS = (staticmethod, classmethod, property, MethodType, functools.partial)
_TRANSPARENT = (
    *(tuple, frozenset, type, FunctionType, CellType, functools._lru_cache_wrapper),
    *(dict, list, set, deque, random.Random, itertools.count, GeneratorType),
    *_WRAPPERS,
    *_ITERATORS,
)
"""What is looked into whoever made it."""


def _is_open(package: str) -> bool:
    return package not in _CLOSED and (package in _OPEN or package not in sys.stdlib_module_names)


def _of_function(function: FunctionType) -> Iterator[tuple[Kept | None, Iterable[object]]]:
    """Its default values, the variables around it, and attributes that were set on it."""
    yield None, (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    yield None, function.__closure__ or ()
    kept = kept_dict(function.__dict__)
    yield kept, kept.held


def _wrapped(value: Any) -> tuple[object, ...]:
    if isinstance(value, property):
        return (value.fget, value.fset, value.fdel)
    if isinstance(value, functools.partial):
        return (value.func, *value.args, *value.keywords.values())
    return (value.__func__, getattr(value, "__self__", None))


_OF_CACHES = frozenset({"_HashedSeq", "_lru_list_elem", "object", "builtin_function_or_method"})
"""Types by which an `lru_cache` keeps its own house."""


def _cached(wrapper: Any) -> list[object]:
    """What an `lru_cache` holds that a run can change; results that are plain values are left out."""
    if not wrapper.cache_info().currsize:
        return []
    bounded = wrapper.cache_info().maxsize is not None
    found: list[object] = []
    for each in gc.get_referents(wrapper):
        if each is vars(wrapper) or (bounded and isinstance(each, dict) and _is_of_links(each)):
            continue
        if bounded:
            found.append(each)
        elif isinstance(each, dict):  # the cache itself
            found += dict.values(each)
    return [
        each
        for each in found
        if type(each) not in PLAIN
        and not isinstance(each, (type, FunctionType))
        and type(each).__name__ not in _OF_CACHES
    ]


def _is_of_links(values: dict[Any, Any]) -> bool:
    return any(type(value).__name__ == "_lru_list_elem" for value in values.values())


def _ids(wrapper: Any) -> frozenset[int]:
    return frozenset(map(id, _cached(wrapper)))


_CONTAINERS: tuple[tuple[type, Callable[[Any], Kept]], ...] = (
    (dict, kept_dict),
    (list, kept_list),
    (set, kept_set),
    (deque, kept_deque),
    (GeneratorType, kept_generator),
)


def _of_instance(value: Any) -> Iterator[tuple[Kept | None, Iterable[object]]]:
    for kind, keep in _CONTAINERS:
        if isinstance(value, kind):
            kept = keep(value)
            yield kept, kept.held[0] if kind is set else kept.held
    if isinstance(value, random.Random):
        if not isinstance(value, random.SystemRandom):
            yield kept_random(value), ()
        return
    if isinstance(value, itertools.count):
        yield kept_sign(lambda: repr(value)), ()
    elif isinstance(value, _ITERATORS):
        yield kept_sign(lambda: operator.length_hint(value)), ()
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        attributes = None
    if type(attributes) is dict:
        kept = kept_dict(attributes)
        yield kept, kept.held
    slots = tuple(
        slot
        for cls in type(value).__mro__
        if "__slots__" in vars(cls)
        for slot in vars(cls).values()
        if isinstance(slot, MemberDescriptorType)
    )
    if slots:
        kept = kept_slots(value, slots)
        yield kept, kept.held
