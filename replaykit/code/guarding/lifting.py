"""Changed functions whose guard stands where workflow code calls them: older runs call the base's version.

No patch can be asked about in some; and a method with other parameters is not what calls of the base fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.constants import Constants, Settled
from replaykit.code.guarding.hunks import Hunk, HunkKind
from replaykit.code.guarding.lambdas import outside_lambdas
from replaykit.code.guarding.pairing import function_before, name_before
from replaykit.code.guarding.reach import Place
from replaykit.code.guarding.tree import Function, Tree, entry_of

__all__ = ["Reshaped", "lifted", "reshaped_methods"]

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
    changed = node.visit(_RenamingName(name, free)) if not isinstance(node, cst.Call) else None
    if changed is not None:
        assert isinstance(changed, cst.CSTNode)
        return changed
    assert isinstance(node, cst.Call)
    function = node.func.visit(_RenamingName(name, free))
    assert isinstance(function, cst.BaseExpression)
    return node.with_changes(func=function)


class _RenamingName(cst.CSTTransformer):
    def __init__(self, name: str, free: str) -> None:
        super().__init__()
        self._name = name
        self._free = free

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return (
            updated_node.with_changes(value=self._free) if original_node.value == self._name else updated_node
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reshaped:
    """The methods of one class that have other parameters than before.

    Each call of such a method has changed with it, so older runs come to none of the head's.
    """

    file: str
    owner: str
    """The class of the head."""
    base_class: str
    before: Mapping[str, cst.FunctionDef]
    """By name, the base's."""
    free: Mapping[str, str]
    """By name, what the base's is called when it comes back."""

    def seen_by(self, hunk: Hunk) -> Hunk:
        """A difference whose older side calls the methods that come back.

        Args:
            hunk: Of a method of the class.
        """
        used = self._used([*hunk.base])
        if not used:
            return hunk
        renaming = _RenamingOwn(self.free)
        base = tuple(node.visit(renaming) for node in hunk.base)
        backs = tuple(
            (self.file, self.owner, self._back(name, renaming)) for name in self.before if name in used
        )
        return replace(
            hunk,
            base=tuple(each for each in base if isinstance(each, cst.CSTNode)),
            owner=hunk.owner or self.base_class,
            brings=(*hunk.brings, *backs),
        )

    def _back(self, name: str, renaming: _RenamingOwn) -> cst.FunctionDef:
        back = self.before[name].visit(renaming)
        assert isinstance(back, cst.FunctionDef)
        return back.with_changes(name=cst.Name(self.free[name]))

    def _used(self, nodes: list[cst.CSTNode]) -> set[str]:
        """Those that code calls, by others of them too."""
        used: set[str] = set()
        while nodes:
            finder = _Finder(self.before)
            nodes.pop().visit(finder)
            nodes += [self.before[name] for name in finder.found - used]
            used |= finder.found
        return used


def reshaped_methods(
    base: Tree,
    trees: Mapping[str, Tree],
    classes: Mapping[str, str],
    constants: Constants,
    refused: frozenset[Place],
    *,
    file: str,
) -> dict[str, Reshaped]:
    """By class of the head, its methods that the base's calls no longer fit; handlers of clients left out.

    Args:
        base: The module before.
        trees: By file, the modules of the head.
        classes: By class of the head, that of the base which it was.
        constants: What the module sees of what has another value in the base.
        refused: Functions in which no patch can be asked about: these are lifted.
        file: The module's path.
    """
    found: dict[str, Reshaped] = {}
    for name, now in trees[file].functions.items():
        owner, _, own = name.rpartition(".")
        was = function_before(base, now, classes)
        if not owner or was is None or was.node.name.value != own or entry_of(now.node) is not None:
            continue
        if own.startswith("__") or Place(file, name) in refused or _may_fit(was.node, now.node):
            continue
        known = found.get(owner)
        node = was.node.with_changes(body=Settled(constants, owner)(was.node.body))
        before = {**(known.before if known else {}), own: node}
        free = {**(known.free if known else {}), own: _free(own, Place(file, name), trees)}
        base_class = name_before(name, classes).rpartition(".")[0]
        found[owner] = Reshaped(file=file, owner=owner, base_class=base_class, before=before, free=free)
    return found


def _may_fit(was: cst.FunctionDef, now: cst.FunctionDef) -> bool:
    """Whether a call can be one of both; else every call has changed with the method."""
    if bool(was.asynchronous) != bool(now.asynchronous):
        return False
    (least, most), (now_least, now_most) = _counts(was), _counts(now)
    if max(least, now_least) > min(most, now_most):
        return False
    return _words(was) <= _names(now) and _words(now) <= _names(was)


def _counts(node: cst.FunctionDef) -> tuple[float, float]:
    """How many values a call gives at least, and at most."""
    params = node.params
    every = [*params.posonly_params, *params.params, *params.kwonly_params]
    is_open = isinstance(params.star_arg, cst.Param) or params.star_kwarg is not None
    return sum(each.default is None for each in every), math.inf if is_open else len(every)


def _words(node: cst.FunctionDef) -> set[str]:
    """What a call has to name."""
    return {each.name.value for each in node.params.kwonly_params if each.default is None}


def _names(node: cst.FunctionDef) -> set[str]:
    """What a call can name."""
    params = node.params
    return {each.name.value for each in (*params.params, *params.kwonly_params)}


def _is_own(node: cst.Attribute) -> bool:
    return isinstance(node.value, cst.Name) and node.value.value in ("self", "cls")


class _Finder(cst.CSTVisitor):
    def __init__(self, names: Mapping[str, object]) -> None:
        super().__init__()
        self._names = names
        self.found: set[str] = set()

    def visit_Attribute(self, node: cst.Attribute) -> None:
        if _is_own(node) and node.attr.value in self._names:
            self.found.add(node.attr.value)


class _RenamingOwn(cst.CSTTransformer):
    def __init__(self, free: Mapping[str, str]) -> None:
        super().__init__()
        self._free = free

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        free = self._free.get(original_node.attr.value) if _is_own(original_node) else None
        return updated_node.with_changes(attr=cst.Name(free)) if free is not None else updated_node
