"""Pieces of code as values to compare: comments, layout, docstrings and annotations do not count."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

import libcst as cst
import libcst.matchers as m

__all__ = [
    "bound_in",
    "called_names",
    "code_of",
    "is_docstring",
    "names_in",
    "nodes_in",
    "plain",
    "plain_body",
    "similarity",
    "used_in",
]

_PRINTER = cst.Module(body=[])
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def code_of(node: cst.CSTNode) -> str:
    """The source of a piece of code.

    Args:
        node: A node that can stand alone.
    """
    return _PRINTER.code_for_node(node)


def plain(node: cst.CSTNode) -> str:
    """What two pieces of code have in common that do the same.

    Args:
        node: A statement or an expression.
    """
    if isinstance(node, cst.BaseStatement) and is_docstring(node):
        return ""
    return _dumped(code_of(node))


def plain_body(nodes: Sequence[cst.CSTNode]) -> str:
    """The same of several in a row.

    Args:
        nodes: Statements.
    """
    return "\n".join(text for text in map(plain, nodes) if text)


def similarity(one: Sequence[cst.CSTNode], other: Sequence[cst.CSTNode]) -> float:
    """How much of two bodies is the same, from 0 to 1.

    Args:
        one: Statements.
        other: Those to compare with.
    """
    first, second = set(_lines(one)), set(_lines(other))
    return 2 * len(first & second) / max(len(first) + len(second), 1)


def is_docstring(node: cst.CSTNode) -> bool:
    """Whether a statement is a string that nobody uses."""
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return False
    only = node.body[0]
    return isinstance(only, cst.Expr) and isinstance(only.value, (cst.SimpleString, cst.ConcatenatedString))


_CALL_ALONE = m.SimpleStatementLine(
    body=[m.Expr(value=m.Await(expression=m.Call(func=m.Attribute(value=m.Name()))))]
)


def is_call_alone(node: cst.CSTNode) -> bool:
    """Whether a statement awaits a call of a module's function, such as an activity's, and drops its result.

    Args:
        node: A statement.
    """
    if not m.matches(node, _CALL_ALONE):
        return False
    call = m.findall(node, m.Call(func=m.Attribute(value=m.Name())))[0]
    assert isinstance(call, cst.Call)
    return code_of(call.func).partition(".")[0] not in ("self", "cls")


def nodes_in(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A piece of code, and all that it is made of.

    Args:
        node: It.
    """
    yield node
    for child in node.children:
        yield from nodes_in(child)


def names_in(nodes: Sequence[cst.CSTNode]) -> frozenset[str]:
    """The names that code uses or binds, those after a dot left out.

    Args:
        nodes: Statements or expressions.
    """
    return frozenset(name for node in nodes for name in _names(node))


def bound_in(nodes: Sequence[cst.CSTNode]) -> frozenset[str]:
    """The names and attributes that code gives a value; attributes begin with a dot.

    Args:
        nodes: Statements or expressions.
    """
    return frozenset(name for node in nodes for name in _known(node, (ast.Store, ast.Del)))


def used_in(nodes: Sequence[cst.CSTNode]) -> frozenset[str]:
    """The names and attributes that code goes by; attributes begin with a dot.

    Args:
        nodes: Statements or expressions.
    """
    return frozenset(name for node in nodes for name in _known(node, (ast.Load,)))


def called_names(nodes: Sequence[cst.CSTNode]) -> Iterator[str]:
    """What workflow code asks for or calls, by the words in the source: of activities, children and methods.

    Args:
        nodes: Statements or expressions.
    """
    for node in nodes:
        for call in ast.walk(_parsed(code_of(node))):
            if isinstance(call, ast.Call):
                yield from _called(call)


def _called(call: ast.Call) -> Iterator[str]:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in ("sleep", "timer"):
        yield "timer"
    elif name in ("wait_condition", "gather", "wait", "wait_for", "timedelta", "patched", "deprecate_patch"):
        return
    elif name.startswith(("execute_", "start_")) or name == "signal":
        subject = call.args[0] if call.args else None
        if isinstance(subject, ast.Constant) and isinstance(subject.value, str):
            yield subject.value
        elif isinstance(subject, ast.Attribute):
            whole = ast.unparse(subject)
            yield whole.removesuffix(".run").rpartition(".")[2]
        elif isinstance(subject, ast.Name):
            yield subject.id
    elif isinstance(function, ast.Attribute):
        of = function.value
        if isinstance(of, ast.Name) and of.id in ("self", "cls", "workflow"):
            yield name.strip("_")
    elif name and not hasattr(builtins, name):
        yield name.strip("_")


def _known(node: cst.CSTNode, how: tuple[type[ast.expr_context], ...]) -> Iterator[str]:
    for each in ast.walk(_parsed(code_of(node))):
        if isinstance(each, ast.Name) and isinstance(each.ctx, how):
            yield each.id
        elif isinstance(each, ast.Attribute) and isinstance(each.ctx, how):
            yield f".{each.attr}"


def _names(node: cst.CSTNode) -> Iterator[str]:
    for each in ast.walk(_parsed(code_of(node))):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, _DEFINITIONS):
            yield each.name


def _lines(nodes: Sequence[cst.CSTNode]) -> Iterator[str]:
    for node in nodes:
        for line in code_of(node).splitlines():
            if stripped := line.partition("#")[0].strip():
                yield stripped


def _parsed(code: str) -> ast.AST:
    try:
        return ast.parse(code)
    except SyntaxError:  # an `except` clause or the like, which does not stand alone
        return ast.Module(body=[], type_ignores=[])


def _dumped(code: str) -> str:
    tree = _parsed(code)
    for node in ast.walk(tree):
        if isinstance(node, _DEFINITIONS) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.dump(tree) if getattr(tree, "body", None) else code
