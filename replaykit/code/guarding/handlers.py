"""Handlers that only the base has: a message that is on its way to a running workflow finds none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.hunks import Hunk, HunkKind
from replaykit.code.guarding.tree import Entry, Tree, entry_of, is_entry, lineage
from replaykit.code.guarding.type_names import lost_types, with_name

__all__ = ["lost_entries"]


def lost_entries(base: Tree, head: Tree, classes: Mapping[str, str], *, file: str) -> Iterator[Hunk]:
    """What those outside go by and the head does not have any more: handlers of a class, and its own type.

    Args:
        base: The module before.
        head: The module now.
        classes: By class of the head, that of the base which it was.
        file: The head's.
    """
    yield from _lost_handlers(base, head, classes, file)
    yield from lost_types(base, head, classes, file=file)


def _lost_handlers(base: Tree, head: Tree, classes: Mapping[str, str], file: str) -> Iterator[Hunk]:
    for now, before in classes.items():
        known = {handler for each in lineage(head, now) for handler in _handlers(each)}
        methods = {each.name.value: each for own in lineage(head, now) for each in _methods(own)}
        node = head.classes[now]
        for handler, method in _handlers(base.classes[before]).items():
            if handler in known or not isinstance(node.body, cst.IndentedBlock):
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


def _methods(node: cst.ClassDef) -> Iterator[cst.FunctionDef]:
    return (each for each in node.body.body if isinstance(each, cst.FunctionDef))


def _handlers(node: cst.ClassDef) -> dict[Entry, cst.FunctionDef]:
    return {
        handler: method
        for method in node.body.body
        if isinstance(method, cst.FunctionDef) and (handler := entry_of(method)) is not None and handler.name
    }


def _named(method: cst.FunctionDef, handler: Entry, taken: Mapping[str, cst.FunctionDef]) -> cst.FunctionDef:
    """A handler under a method name that the class has free, and its old name for messages.

    Where the class has the same method under another name for messages, that is called.
    """
    own = method.name.value
    now = taken.get(own)
    if now is None:
        return method
    free = f"{own}_before"
    while free in taken:
        free += "_"
    asked = next(each for each in method.decorators if is_entry(each))
    decorator = asked.with_changes(decorator=with_name(asked.decorator, handler.name))
    named = method.with_changes(name=cst.Name(free), decorators=[decorator])
    return named.with_changes(body=_calling(now)) if _is_renamed(method, now) else named


def _is_renamed(method: cst.FunctionDef, now: cst.FunctionDef) -> bool:
    """Whether a method takes what the other takes, so that the other can be called in its place."""
    names = [[each.name.value for each in node.params.params] for node in (method, now)]
    plain_params = all(
        isinstance(node.params.star_arg, cst.MaybeSentinel)
        and not (node.params.star_kwarg or node.params.kwonly_params or node.params.posonly_params)
        for node in (method, now)
    )
    is_async = [node.asynchronous is not None for node in (method, now)]
    return plain_params and names[0] == names[1] and is_async[0] == is_async[1]


def _calling(method: cst.FunctionDef) -> cst.BaseSuite:
    first, *others = (each.name.value for each in method.params.params)
    call = f"{first}.{method.name.value}({', '.join(others)})"
    if method.asynchronous is not None:
        call = f"await {call}"
    returns = method.returns is not None and not m.matches(method.returns.annotation, m.Name("None"))
    return cst.IndentedBlock([cst.parse_statement(f"{'return ' if returns else ''}{call}")])
