"""Type hints: resolved, with type variables filled in, and with the classes that the tests know.

Under the sandbox the running workflow sees copies of the classes of its module. A value of a copy is no
instance of the class that a test imports, so hints are mapped back before anything is made.
"""

from __future__ import annotations

import functools
import operator
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from typing_extensions import NotRequired, ReadOnly, Required, TypeAliasType, get_type_hints

from replaykit.errors import ValuesError
from replaykit.replay.sdk.definitions import module_outside_sandbox

__all__ = [
    "ALIASES",
    "UNIONS",
    "alias_value",
    "annotated",
    "bare",
    "hints_of",
    "name_of",
    "real",
    "substituted",
    "type_arguments",
]

ALIASES = (TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType))
"""What a `type` statement makes, and its forerunner."""
UNIONS = (Union, types.UnionType)
_QUALIFIERS = (Required, NotRequired, ReadOnly)


def real(hint: Any) -> Any:
    """The hint with each class that is a sandboxed copy replaced by the one of that name in `sys.modules`.

    What is not found there, such as a class inside a function, stays.
    """
    return _mapped(hint, _imported)


def bare(hint: Any) -> Any:
    """The hint as a worker hands it to a data converter: without `Annotated`."""
    if get_origin(hint) in (Annotated, *_QUALIFIERS):
        return bare(get_args(hint)[0])
    return _mapped(hint, lambda part: part, bare)


def annotated(hint: Any, metadata: Sequence[Any]) -> Any:
    """The hint with metadata that is only known now."""
    parts = (hint, *metadata)
    return Annotated[parts] if metadata else hint


def substituted(hint: Any, arguments: Mapping[Any, Any]) -> Any:
    """The hint with type variables replaced; the others stay."""
    if isinstance(hint, TypeVar):
        return arguments.get(hint, hint)
    parameters = getattr(hint, "__parameters__", ())
    if isinstance(hint, type) and get_origin(hint) is None:
        return hint  # the parameters of a class itself are its own
    if not any(parameter in arguments for parameter in parameters):
        return hint
    return hint[tuple(arguments.get(parameter, parameter) for parameter in parameters)]


def alias_value(alias: Any) -> Any:
    """What a `TypeAliasType` stands for; resolved, as one that holds itself may be written as a text."""
    scope = vars(sys.modules[alias.__module__]) if alias.__module__ in sys.modules else {}
    holder = type("Holder", (), {"__annotations__": {"value": alias.__value__}})
    try:
        return get_type_hints(holder, globalns=dict(scope), include_extras=True)["value"]
    except (NameError, TypeError):
        return alias.__value__


def type_arguments(hint: Any) -> dict[Any, Any]:
    """What the type variables of a generic class stand for in `Box[int]`, those of its bases included."""
    cls = get_origin(hint) or hint
    found = dict(zip(getattr(cls, "__parameters__", ()), get_args(hint), strict=False))
    for base in getattr(cls, "__orig_bases__", ()):
        if get_origin(base) not in (None, Generic):
            inherited = type_arguments(substituted(base, found))
            found = {**inherited, **found}
    return found


def hints_of(thing: Any, *, where: str) -> dict[str, Any]:
    """The annotations of a class or function, resolved, `Annotated` kept.

    Raises:
        ValuesError: A name in them does not resolve.
    """
    try:
        return get_type_hints(thing, include_extras=True)
    except (NameError, AttributeError, TypeError, SyntaxError) as error:
        raise ValuesError(
            f"the type hints of {name_of(thing)} do not resolve: {error}",
            where=where,
            cure="Import what they name at run time too, not under TYPE_CHECKING alone.",
        ) from error


def name_of(hint: Any) -> str:
    """The hint as a person writes it."""
    if hint is type(None):
        return "None"
    if isinstance(hint, (type, types.FunctionType)) and get_origin(hint) is None:
        return hint.__qualname__.rpartition("<locals>.")[2]
    return str(hint).replace("typing.", "")


def _mapped(hint: Any, change: Callable[[Any], Any], inner: Callable[[Any], Any] | None = None) -> Any:
    """The hint with its classes changed at every depth; the same object where nothing is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is None:
        return change(hint)
    inner = inner or functools.partial(_mapped, change=change)
    if origin is Literal:
        return hint
    if origin is Annotated:
        return annotated(inner(arguments[0]), arguments[1:])
    parts = tuple(_mapped_argument(argument, inner) for argument in arguments)
    new_origin = change(origin)
    if parts == arguments and new_origin is origin and all(map(operator.is_, parts, arguments)):
        return hint
    if origin in UNIONS:
        return Union[parts]  # noqa: UP007  # of parts that are only known here
    return new_origin[parts]


def _mapped_argument(argument: Any, inner: Callable[[Any], Any]) -> Any:
    if isinstance(argument, list):  # the parameters of a Callable
        parts = [inner(part) for part in argument]
        return argument if all(map(operator.is_, parts, argument)) else parts
    return argument if argument is Ellipsis else inner(argument)


def _imported(thing: Any) -> Any:
    module_name = getattr(thing, "__module__", None)
    path = getattr(thing, "__qualname__", None)
    if not isinstance(module_name, str) or not isinstance(path, str):
        return thing
    found: Any = sys.modules.get(module_outside_sandbox(module_name))
    for part in path.split("."):
        found = getattr(found, part, None)
    return thing if found is None else found
