"""A changed function in which no patch can be asked about: the guard stands where workflow code calls it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.hunks import Hunk, HunkKind
from replaykit.code.guarding.lambdas import outside_lambdas
from replaykit.code.guarding.reach import Place
from replaykit.code.guarding.tree import Function, Tree

__all__ = ["lifted"]

_AFTER = "_before"


def lifted(
    place: Place, was: Function, trees: Mapping[str, Tree], refused: frozenset[Place], *, base_class: str
) -> Iterator[Hunk]:
    """The places that call a function, each to call the base's version of it for older runs.

    Args:
        place: The function, in the head.
        was: The same in the base.
        trees: By file, the modules of the head.
        refused: Functions in which no patch can be asked about: a call from one of these stays.
        base_class: The class of the base that has it; empty for none.
    """
    owner, _, name = place.function.rpartition(".")
    free = _free(name, place, trees)
    back = was.node.with_changes(name=cst.Name(free))
    for file, tree in trees.items():
        for function in tree.functions.values():
            if Place(file, function.name) in refused or (owner and function.owner is None):
                continue
            finder = _Sites(name, is_method=bool(owner))
            function.node.body.visit(finder)
            hunks = [
                Hunk(
                    kind=HunkKind.EXPRESSION,
                    file=file,
                    function=function.name,
                    line=tree.lines.get(node, 1),
                    base=(_renamed(node, name, free),),
                    head=(node,),
                    about=f"{name}-changed",
                    owner=base_class,
                    brings=((place.file, owner, back),),
                )
                for node in finder.found
            ]
            yield from outside_lambdas(hunks, function.node)


def _free(name: str, place: Place, trees: Mapping[str, Tree]) -> str:
    taken = {each.rpartition(".")[2] for each in trees[place.file].functions}
    free = f"{name}{_AFTER}"
    while free in taken:
        free += "_"
    return free


class _Sites(cst.CSTVisitor):
    """Finds the calls of a function, and the uses of a property."""

    def __init__(self, name: str, *, is_method: bool) -> None:
        super().__init__()
        self._name = name
        self._is_method = is_method
        self.found: list[cst.BaseExpression] = []

    def visit_Call(self, node: cst.Call) -> bool | None:
        if not self._is_it(node.func):
            return None
        self.found.append(node)
        return False

    def visit_Attribute(self, node: cst.Attribute) -> bool | None:
        if not self._is_method or not self._is_it(node):
            return None
        self.found.append(node)
        return False

    def _is_it(self, node: cst.BaseExpression) -> bool:
        if self._is_method:
            return m.matches(node, m.Attribute(value=m.Name("self") | m.Name("cls"), attr=m.Name(self._name)))
        return m.matches(node, m.Name(self._name) | m.Attribute(value=m.Name(), attr=m.Name(self._name)))


def _renamed(node: cst.BaseExpression, name: str, free: str) -> cst.CSTNode:
    changed = node.visit(_Renaming(name, free)) if not isinstance(node, cst.Call) else None
    if changed is not None:
        assert isinstance(changed, cst.CSTNode)
        return changed
    assert isinstance(node, cst.Call)
    function = node.func.visit(_Renaming(name, free))
    assert isinstance(function, cst.BaseExpression)
    return node.with_changes(func=function)


class _Renaming(cst.CSTTransformer):
    def __init__(self, name: str, free: str) -> None:
        super().__init__()
        self._name = name
        self._free = free

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return (
            updated_node.with_changes(value=self._free) if original_node.value == self._name else updated_node
        )
