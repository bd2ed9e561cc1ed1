"""What a compound statement is made of: its header, and the bodies below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import libcst as cst

from replaykit.code.guarding.texts import code_of, plain

__all__ = ["Compound", "compound_of", "statements_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Compound:
    """A statement with statements in it."""

    kind: str
    bodies: tuple[tuple[str, cst.BaseSuite], ...]
    """Each with what it is: `body`, `else`, `except ValueError`, `finally`."""
    header: str
    """All but the bodies, to compare."""
    conditions: tuple[cst.BaseExpression, ...] = ()
    """What of the header decides how often a body runs: the condition of an `if`, what a loop goes over."""

    names: tuple[str, ...] = ()
    """By handler of a `try`, what it calls the exception; empty where it has no name for it."""

    @property
    def shape(self) -> tuple[str, ...]:
        """Which bodies it has."""
        return (self.kind, *(what for what, _ in self.bodies))


def compound_of(node: cst.CSTNode) -> Compound | None:
    """A statement as a compound.

    Args:
        node: The statement.

    Returns:
        None for any other, such as one whose body stands on its own line.
    """
    if isinstance(node, cst.If):
        return _if(node)
    if isinstance(node, cst.While):
        bodies = [("body", node.body), *_else(node.orelse)]
        return _made("while", bodies, "while", node.test)
    if isinstance(node, cst.For):
        what = f"{'async ' if node.asynchronous else ''}for {plain(node.target)}"
        return _made("for", [("body", node.body), *_else(node.orelse)], what, node.iter)
    if isinstance(node, cst.With):
        items = "; ".join(
            plain(item.item) + (f" as {plain(item.asname.name)}" if item.asname else "")
            for item in node.items
        )
        return _made("with", [("body", node.body)], f"{'async ' if node.asynchronous else ''}with {items}")
    if isinstance(node, (cst.Try, cst.TryStar)):
        handlers = [(f"except {plain(h.type) if h.type else ''}", h.body) for h in node.handlers]
        last = [("finally", node.finalbody.body)] if node.finalbody is not None else []
        made = _made("try", [("body", node.body), *handlers, *_else(node.orelse), *last], "try")
        names = tuple(plain(h.name.name) if h.name is not None else "" for h in node.handlers)
        return replace(made, names=names) if made is not None else None
    if isinstance(node, cst.Match):
        cases = [(f"case {_pattern(each)}", each.body) for each in node.cases]
        return _made("match", cases, f"match {plain(node.subject)}")
    if isinstance(node, cst.FunctionDef):
        return _made("def", [("body", node.body)], header_of_function(node))
    return None


def statements_of(body: cst.CSTNode) -> Sequence[cst.BaseStatement]:
    """The statements of a body that stands on lines of its own; none of any other."""
    if isinstance(body, (cst.IndentedBlock, cst.Module)):
        return body.body
    return ()


def header_of_function(node: cst.FunctionDef) -> str:
    """All of a function but its body, to compare; annotations and defaults do not count.

    Args:
        node: The function.
    """
    params = node.params
    names = [p.name.value for p in (*params.posonly_params, *params.params, *params.kwonly_params)]
    stars = [s.name.value for s in (params.star_arg, params.star_kwarg) if isinstance(s, cst.Param)]
    decorators = [plain(each.decorator) for each in node.decorators]
    return repr((node.name.value, bool(node.asynchronous), names, stars, decorators))


def _pattern(case: cst.MatchCase) -> str:
    guard = f" if {plain(case.guard)}" if case.guard is not None else ""
    return f"{code_of(case.pattern)}{guard}"


def _if(node: cst.If) -> Compound | None:
    rest: list[tuple[str, cst.BaseSuite]] = []
    conditions = [node.test]
    other = node.orelse
    while isinstance(other, cst.If):  # an elif
        rest.append(("elif", other.body))
        conditions.append(other.test)
        other = other.orelse
    rest += _else(other)
    return _made("if", [("body", node.body), *rest], "if", *conditions)


def _else(node: cst.Else | None) -> list[tuple[str, cst.BaseSuite]]:
    return [("else", node.body)] if node is not None else []


def _made(
    kind: str, bodies: Sequence[tuple[str, cst.BaseSuite]], header: str, *conditions: cst.BaseExpression
) -> Compound | None:
    if not all(isinstance(body, cst.IndentedBlock) for _, body in bodies):
        return None
    return Compound(kind=kind, bodies=tuple(bodies), header=header, conditions=conditions)
