"""Addresses: objects, tasks and futures hash by where they lie, which is the order of sets of them.

Where objects lie cannot be chosen, and one program puts them in the same places every time. What their hash
is can: that of tasks and futures of the workflow and that of objects of the user's classes comes from the
order in which they were first asked for it, turned around or shuffled by a salt.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import gc
import random
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from replaykit.perturb.child.memory import Disorder, Memory, Order
from replaykit.perturb.child.scope import Scope
from replaykit.replay.sdk.definitions import is_decorated_workflow
from replaykit.replay.sdk.instance import Instance, make_tasks_with, number_handles
from replaykit.whose_code import is_user_code

__all__ = ["ObjectHashes", "TaskHashes"]

_MASK = 2**61 - 2
_ARRANGED = 30
"""Activations of a run before which memory is arranged: it takes a few milliseconds each time."""


def _hash(number: int, salt: int, *, turned: bool) -> int:
    """A hash for the object of that number: in order without a salt, else turned around or shuffled."""
    if not salt:
        return number
    if turned:
        return ~number  # the slots of every table, back to front
    mixed = (number * 0x9E3779B97F4A7C15 + salt) & (2**64 - 1)
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & (2**64 - 1)
    return (mixed ^ (mixed >> 27)) & _MASK


class TaskHashes:
    """Tasks, futures and handles of workflows.

    Args:
        salt: 0 for the order in which they were made.
        turned: Whether the salt turns that order around in place of shuffling it.
    """

    def __init__(self, *, salt: int, turned: bool) -> None:
        self._count = 0

        def number_of(task: Any) -> int:
            try:
                number: int = task._replaykit_number
            except AttributeError:
                self._count += 1
                number = task._replaykit_number = self._count
            return _hash(number, salt, turned=turned)

        class Task(asyncio.Task[Any]):
            __hash__ = number_of

        class Future(asyncio.Future[Any]):
            __hash__ = number_of

        self._task, self._future = Task, Future
        number_handles(number_of)
        self._hold_as_completed(backwards=bool(salt) and turned, seed=salt)

    def begin(self) -> None:
        self._count = 0

    @contextmanager
    def applied(self, scope: Scope) -> Iterator[None]:
        yield

    def _hold_as_completed(self, *, backwards: bool, seed: int) -> None:
        """It puts what it is given into a set, and coroutines start in the order of that."""
        complete = asyncio.as_completed

        def as_completed(fs: Any, **options: Any) -> Any:
            ordered = list(fs)
            if backwards:
                ordered.reverse()
            elif seed:
                random.Random(seed).shuffle(ordered)
            return complete([asyncio.ensure_future(each) for each in ordered], **options)

        asyncio.as_completed = asyncio.tasks.as_completed = as_completed

    def watch(self, instance: Instance) -> bool:
        """Have a workflow instance make its tasks and futures of these classes; whether that can be."""
        return make_tasks_with(instance, self._task, self._future)


class ObjectHashes:
    """Objects of the user's classes, where these have no hash of their own.

    Args:
        salt: 0 for the order in which they were first hashed.
        turned: Whether the salt turns that order around in place of shuffling it.
    """

    def __init__(self, *, salt: int, turned: bool) -> None:
        self._salt, self._turned = salt, turned
        self._count = 0
        self._numbers: dict[int, tuple[Any, int | None]] = {}
        self._namespaces: dict[int, Mapping[str, Any]] = {}
        self._classes: list[type] = []
        self._memory: Memory = Disorder(salt) if salt else Order()
        self._watch_classes()

    def begin(self) -> None:
        self._count = 0
        self._memory.release()

    @contextmanager
    def applied(self, scope: Scope) -> Iterator[None]:
        self._give_hashes()
        if scope.activations < _ARRANGED:
            self._memory.arrange()
        yield
        self._give_hashes()

    def _watch_classes(self) -> None:
        """Note each class of the user's code as it is made; decorators still have to see it as it is."""
        build = builtins.__build_class__

        def build_class(*args: Any, **kwargs: Any) -> Any:
            cls = build(*args, **kwargs)
            frame = sys._getframe(1)
            if isinstance(cls, type) and is_user_code(frame.f_code.co_filename):
                self._classes.append(cls)
                self._namespaces[id(frame.f_globals)] = frame.f_globals
            return cls

        builtins.__build_class__ = build_class

    def _give_hashes(self) -> None:
        if not self._classes:
            return
        found = list(self._classes)
        for namespace in self._namespaces.values():  # where a decorator put another class in its place
            own = namespace.get("__name__")
            found += [
                value
                for value in list(namespace.values())
                if isinstance(value, type) and value.__module__ == own
            ]
        self._classes.clear()
        self._namespaces.clear()
        wanted = [cls for cls in dict.fromkeys(found) if _hashes_by_address(cls)]
        if wanted:
            self._leave_alone(wanted)
        for cls in wanted:
            with contextlib.suppress(AttributeError, TypeError):  # a class that cannot be changed
                cls.__hash__ = self._hash_method()  # type: ignore[assignment,method-assign]

    def _leave_alone(self, classes: list[type]) -> None:
        """What was made while a module was imported may be a key already: its hash stays as it is."""
        for thing in gc.get_referrers(*classes):
            if type(thing) in classes:
                self._note(thing, None)

    def _hash_method(self) -> Callable[[Any], int]:
        def __hash__(thing: Any) -> int:  # noqa: N807  # stands in a class
            known = self._numbers.get(id(thing))
            if known is not None and known[0]() is thing:
                number = known[1]
            else:
                self._count += 1
                number = self._note(thing, self._count)
            if number is None:
                return object.__hash__(thing)
            return _hash(number, self._salt, turned=self._turned)

        return __hash__

    def _note(self, thing: Any, number: int | None) -> int | None:
        """Keep the number of an object as long as it lives; None is for its address."""
        key = id(thing)
        try:
            reference = weakref.ref(thing, lambda _: self._numbers.pop(key, None))
        except TypeError:
            return None  # its class has slots, and none for weak references
        self._numbers[key] = reference, number
        return number


def _hashes_by_address(cls: type) -> bool:
    """Whether objects of a class go by their address in a set; workflows are never in one."""
    inherited: Any = cls.__hash__
    return inherited is object.__hash__ and not issubclass(cls, type) and not is_decorated_workflow(cls)
