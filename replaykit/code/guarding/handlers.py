"""Handlers that only the base has: a message that is on its way to a running workflow finds none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import libcst as cst

from replaykit.code.guarding.hunks import Hunk, HunkKind
from replaykit.code.guarding.texts import code_of
from replaykit.code.guarding.tree import Tree, lineage

__all__ = ["lost_handlers"]

_KINDS = frozenset({"signal", "update", "query"})


class _Handler(NamedTuple):
    kind: str
    name: str


def lost_handlers(base: Tree, head: Tree, classes: Mapping[str, str], *, file: str) -> Iterator[Hunk]:
    """The handlers of the base that a class of the head does not have any more.

    Args:
        base: The module before.
        head: The module now.
        classes: By class of the head, that of the base which it was.
        file: The head's.
    """
    for now, before in classes.items():
        own = {handler for each in lineage(head, now) for handler in _handlers(each)}
        methods = {name for each in lineage(head, now) for name in _methods(each)}
        node = head.classes[now]
        for handler, method in _handlers(base.classes[before]).items():
            if handler in own or not isinstance(node.body, cst.IndentedBlock):
                continue
            yield Hunk(
                kind=HunkKind.METHOD,
                file=file,
                function=now,
                line=head.lines.get(node, 1),
                base=(_named(method, handler, methods),),
                block=node.body,
                about=f"{handler.kind} {handler.name}",
                owner=before,
            )


def _methods(node: cst.ClassDef) -> Iterator[str]:
    return (each.name.value for each in node.body.body if isinstance(each, cst.FunctionDef))


def _handlers(node: cst.ClassDef) -> dict[_Handler, cst.FunctionDef]:
    return {
        handler: method
        for method in node.body.body
        if isinstance(method, cst.FunctionDef) and (handler := _handler(method)) is not None
    }


def _handler(method: cst.FunctionDef) -> _Handler | None:
    for each in method.decorators:
        call = each.decorator
        function = code_of(call.func if isinstance(call, cst.Call) else call)
        owner, _, kind = function.rpartition(".")
        if kind not in _KINDS or not owner:
            continue
        name = method.name.value
        for argument in call.args if isinstance(call, cst.Call) else ():
            word = argument.keyword.value if argument.keyword is not None else ""
            if word == "dynamic":
                return None
            if word == "name" and isinstance(argument.value, cst.SimpleString):
                name = str(argument.value.evaluated_value)
        return _Handler(kind, name)
    return None


def _named(method: cst.FunctionDef, handler: _Handler, taken: set[str]) -> cst.FunctionDef:
    """A handler under a method name that the class has free, and its old name for messages."""
    own = method.name.value
    if own not in taken:
        return method
    free = f"{own}_before"
    while free in taken:
        free += "_"
    decorator = cst.parse_expression(f'workflow.{handler.kind}(name="{handler.name}")')
    return method.with_changes(name=cst.Name(free), decorators=[cst.Decorator(decorator=decorator)])
