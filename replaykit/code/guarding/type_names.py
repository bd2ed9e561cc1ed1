"""Workflow types that only the base has: of a class with a new name, and a decorator that gives none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from replaykit.code.guarding.hunks import Hunk, HunkKind, Rewrite
from replaykit.code.guarding.texts import code_of
from replaykit.code.guarding.tree import Tree, workflow_type_in

__all__ = ["lost_types", "with_name"]


def lost_types(base: Tree, head: Tree, classes: Mapping[str, str], *, file: str) -> Iterator[Hunk]:
    """The workflow types of the base that no class of the head has any more, where one of them was it.

    Args:
        base: The module before.
        head: The module now.
        classes: By class of the head, that of the base which it was.
        file: The head's.
    """
    for now, before in classes.items():
        node = head.classes[now]
        kind, other = workflow_type_in(base.classes[before]), workflow_type_in(node)
        if kind is None or other is None or kind == other or head.class_of_type(kind) is not None:
            continue
        for each in node.decorators:
            if "defn" in code_of(each.decorator) and "dynamic" not in code_of(each.decorator):
                yield Hunk(
                    kind=HunkKind.NAME,
                    file=file,
                    function=now,
                    line=head.lines.get(each, 1),
                    base=(cst.SimpleString(f'"{kind}"'),),
                    head=(each.decorator,),
                    rewrite=_naming(kind),
                    about=f"workflow type {kind}",
                    owner=before,
                )


def with_name(decorator: cst.BaseExpression, name: str) -> cst.Call:
    """A decorator that is given a name, in the place of another or of none.

    Args:
        decorator: As it is.
        name: What clients and the service go by.
    """
    call = decorator if isinstance(decorator, cst.Call) else cst.Call(func=decorator)
    others = [each for each in call.args if each.keyword is None or each.keyword.value != "name"]
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    named = cst.Arg(keyword=cst.Name("name"), value=cst.SimpleString(f'"{name}"'), equal=equal)
    return call.with_changes(args=[named, *others])


def _naming(name: str) -> Rewrite:
    def rewrite(node: cst.CSTNode, asked: cst.BaseExpression) -> cst.CSTNode:
        assert isinstance(node, cst.BaseExpression)
        return with_name(node, name)

    return rewrite
