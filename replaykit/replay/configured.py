"""The objects that a configuration names, and what each of its keys expects: a wrong one is named at once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from temporalio.client import Interceptor as ClientInterceptor
from temporalio.converter import DataConverter, FailureConverter, PayloadCodec, PayloadConverter
from temporalio.worker import (
    Interceptor,
    Plugin,
    WorkflowInboundInterceptor,
    WorkflowOutboundInterceptor,
    WorkflowRunner,
)

from replaykit.code.importing import resolve
from replaykit.errors import WorkflowCodeError

__all__ = [
    "DATA_CONVERTER",
    "INTERCEPTOR",
    "PLUGIN",
    "WORKFLOW_RUNNER",
    "Expected",
    "exception_type",
    "object_of",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a key of the configuration expects."""

    kind: type
    name: str
    """Of the kind, with its article."""
    cure: str
    """Where nothing better is known."""
    mistaken: Mapping[type, tuple[str, str]] = field(default_factory=dict)
    """Kinds that are often given in its place: the name of each, and its cure."""


DATA_CONVERTER = Expected(
    kind=DataConverter,
    name="a temporalio.converter.DataConverter",
    cure="Name the one that the worker's client is connected with.",
    mistaken={
        PayloadCodec: (
            "a PayloadCodec",
            "Name a converter that has it: dataclasses.replace(DataConverter.default, payload_codec=CODEC).",
        ),
        PayloadConverter: (
            "a PayloadConverter",
            "Name a converter that has its class: DataConverter(payload_converter_class=CLASS).",
        ),
        FailureConverter: (
            "a FailureConverter",
            "Name a converter that has its class: DataConverter(failure_converter_class=CLASS).",
        ),
    },
)
INTERCEPTOR = Expected(
    kind=Interceptor,
    name="a temporalio.worker.Interceptor",
    cure="Name one of those that the worker is given.",
    mistaken={
        WorkflowInboundInterceptor: (
            "a WorkflowInboundInterceptor",
            "Name the Interceptor whose workflow_interceptor_class answers with it.",
        ),
        WorkflowOutboundInterceptor: (
            "a WorkflowOutboundInterceptor",
            "Name the Interceptor of the worker that brings it in.",
        ),
        ClientInterceptor: ("an interceptor of a client", "A replay has no client: leave it out."),
    },
)
PLUGIN = Expected(
    kind=Plugin, name="a temporalio.worker.Plugin", cure="Name one of those that the worker is given."
)
WORKFLOW_RUNNER = Expected(
    kind=WorkflowRunner,
    name="a temporalio.worker.WorkflowRunner",
    cure="Name one such as temporalio.worker:UnsandboxedWorkflowRunner.",
)


def object_of(spec: str, expected: Expected, *, where: str) -> Any:
    """The object that `module:attribute` names: itself, or what a class or factory without arguments makes.

    Args:
        spec: Such as `app.codec:data_converter`.
        expected: What the key expects.
        where: The key, for messages.

    Raises:
        WorkflowCodeError: It is not there, or something else.
    """
    found = resolve(spec, where=where)
    if isinstance(found, expected.kind):
        return found
    if isinstance(found, type):
        if not issubclass(found, expected.kind):
            raise _wrong(spec, found, expected, where, is_class=True)
        return _made(spec, found, expected, where)
    if isinstance(found, ModuleType) or not callable(found) or isinstance(found, tuple(expected.mistaken)):
        raise _wrong(spec, found, expected, where)
    made = _made(spec, found, expected, where)
    if not isinstance(made, expected.kind):
        raise _wrong(f"{spec}()", made, expected, where)
    return made


def exception_type(spec: str, *, where: str) -> type[BaseException]:
    """The exception class that `module:Class` names, or the bare name of a builtin one.

    Args:
        spec: As the configuration has it.
        where: The key, for messages.

    Raises:
        WorkflowCodeError: It is not there, or something else.
    """
    found = resolve(spec if ":" in spec else f"builtins:{spec}", where=where)
    if isinstance(found, type) and issubclass(found, BaseException):
        return found
    raise WorkflowCodeError(
        f"{spec} is {_what(found)}, and an exception class is expected",
        where=where,
        cure="Name a class such as app.errors:Fatal.",
    )


def _made(spec: str, make: Callable[[], Any], expected: Expected, where: str) -> Any:
    """What a class or a factory makes without arguments."""
    if inspect.iscoroutinefunction(make):
        raise WorkflowCodeError(
            f"{spec} is an async function, and {expected.name} is expected",
            where=where,
            cure="Name the object, or a function without async that answers with it.",
        )
    needed = _needed(make)
    if needed:
        raise WorkflowCodeError(
            f"{spec} cannot be called without {', '.join(needed)}, and {expected.name} is expected",
            where=where,
            cure="Name the object itself, or a function without arguments that answers with it.",
        )
    try:
        return make()
    except Exception as error:
        raise WorkflowCodeError(
            f"calling {spec} raised {type(error).__name__}: {error}",
            where=where,
            cure=f"It is called without arguments, for {expected.name}.",
        ) from error


def _needed(make: Callable[..., Any]) -> list[str]:
    """Names of the parameters that have to be given."""
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):  # one in C without a signature
        return []
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        each.name
        for each in parameters
        if each.default is inspect.Parameter.empty and each.kind not in variable
    ]


def _wrong(
    spec: str, found: Any, expected: Expected, where: str, *, is_class: bool = False
) -> WorkflowCodeError:
    cls = found if is_class else type(found)
    for kind, (name, cure) in expected.mistaken.items():
        if issubclass(cls, kind):
            what = f"the class {cls.__name__}, {name}" if is_class else f"{name} ({cls.__name__})"
            return WorkflowCodeError(
                f"{spec} is {what}, and {expected.name} is expected", where=where, cure=cure
            )
    return WorkflowCodeError(
        f"{spec} is {_what(found)}, and {expected.name} is expected", where=where, cure=expected.cure
    )


def _what(found: Any) -> str:
    """What an object is, in words; never by its own `repr`, which is user code."""
    if found is None:
        return "None"
    if isinstance(found, ModuleType):
        return f"the module {found.__name__}"
    if isinstance(found, type):
        return f"the class {found.__name__}"
    if inspect.isroutine(found):
        return f"the function {getattr(found, '__name__', '')}"
    cls = type(found)
    return f"an object of class {cls.__module__}.{cls.__qualname__}"
