"""No patch is asked about in a lambda, which is called at any time: the statement around it has two sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import libcst as cst

from replaykit.code.guarding.hunks import Hunk, HunkKind
from replaykit.code.guarding.texts import nodes_in

__all__ = ["outside_lambdas"]


class _At(NamedTuple):
    """A statement without others in it."""

    block: cst.IndentedBlock
    start: int
    statement: cst.SimpleStatementLine


def outside_lambdas(hunks: Iterable[Hunk], function: cst.FunctionDef) -> Iterator[Hunk]:
    """The same hunks; those of a statement with one in a lambda are one, about the statement.

    Args:
        hunks: Values in the function.
        function: Of the head.
    """
    finder = _Statements()
    function.body.visit(finder)
    together: dict[cst.CSTNode, list[Hunk]] = {}
    for hunk in hunks:
        at = finder.places.get(hunk.head[0])
        if at is None or (isinstance(hunk.head[0], cst.Call) and hunk.rewrite is not None):
            yield hunk  # of a condition or a loop; or an argument that is added on the head's side alone
        else:
            together.setdefault(at.statement, []).append(hunk)
    for statement, own in together.items():
        if any(hunk.head[0] in finder.in_lambdas for hunk in own):
            at = finder.places[own[0].head[0]]
            yield _one(own, at, statement.visit(_Replacing({each.head[0]: each.base[0] for each in own})))
        else:
            yield from own


def _one(hunks: list[Hunk], at: _At, base: object) -> Hunk:
    assert isinstance(base, cst.CSTNode)
    brings = dict.fromkeys(each for hunk in hunks for each in hunk.brings)
    return replace(
        hunks[0],
        kind=HunkKind.STATEMENTS,
        base=(base,),
        head=(at.statement,),
        block=at.block,
        start=at.start,
        rewrite=None,
        brings=tuple(brings),
    )


class _Statements(cst.CSTVisitor):
    """Finds the statement that each node stands in, and the nodes of lambdas."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[cst.CSTNode, _At] = {}
        self.in_lambdas: set[cst.CSTNode] = set()

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        for start, statement in enumerate(node.body):
            if isinstance(statement, cst.SimpleStatementLine):
                at = _At(node, start, statement)
                self.places.update((each, at) for each in nodes_in(statement))

    def visit_Lambda(self, node: cst.Lambda) -> None:
        self.in_lambdas.update(nodes_in(node.body))


class _Replacing(cst.CSTTransformer):
    def __init__(self, nodes: dict[cst.CSTNode, cst.CSTNode]) -> None:
        super().__init__()
        self._nodes = nodes

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        return self._nodes.get(original_node, updated_node)
