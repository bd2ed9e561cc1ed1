"""Which modules of the user's the code of a worker reaches, found without reading any source."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

from replaykit.whose_code import is_user_code

__all__ = ["named_in", "reached", "users_files", "users_modules"]


def users_modules() -> dict[str, ModuleType]:
    """By name, the user's modules, each after those that it imports."""
    found = {}
    for name, module in tuple(sys.modules.items()):
        if name.partition(".")[0] in sys.stdlib_module_names or not isinstance(module, ModuleType):
            continue
        file = module.__dict__.get("__file__")
        if isinstance(file, str) and module.__name__ == name and is_user_code(file):
            found[name] = module
    return found


def users_files() -> tuple[str, ...]:
    """The files of the user's modules, in their order."""
    return tuple(dict.fromkeys(str(module.__file__) for module in users_modules().values()))


def reached(names: Iterable[str], users: Mapping[str, ModuleType]) -> list[ModuleType]:
    """Modules, and all that they get at through their globals, or import in a function, at any depth.

    Args:
        names: Of the modules to begin with.
        users: Those that can be found.

    Returns:
        In the order of `users`: an object is named by the module that defines it.
    """
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in users and name not in found:
            found.add(name)
            waiting += named_in(users[name])
    return [module for name, module in users.items() if name in found]


def named_in(module: ModuleType) -> Iterator[str]:
    """Names that may be of modules which a module gets at; what is none is among them."""
    package = module.__name__ if hasattr(module, "__path__") else module.__name__.rpartition(".")[0]
    for value in tuple(vars(module).values()):
        if isinstance(value, ModuleType):
            yield value.__name__
            continue
        home = value.__module__ if isinstance(value, (type, FunctionType)) else type(value).__module__
        yield home
        if home == module.__name__:
            for code in _codes_of(value):
                for name in code.co_names:
                    yield name
                    yield f"{package}.{name}"


def _codes_of(value: Any) -> Iterator[CodeType]:
    """The code of a function, or of a class's functions, and of what they define inside."""
    functions = [value, *vars(value).values()] if isinstance(value, type) else [value]
    waiting = [each.__code__ for each in map(_plain, functions) if isinstance(each, FunctionType)]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [const for const in code.co_consts if isinstance(const, CodeType)]


def _plain(value: Any) -> Any:
    return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
