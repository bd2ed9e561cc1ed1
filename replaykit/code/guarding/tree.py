"""One module of one side: its functions, its classes, and what stands at its top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from replaykit.code.guarding.patch_words import patched_in
from replaykit.code.guarding.texts import code_of

__all__ = [
    "Entry",
    "Function",
    "Tree",
    "bound_by",
    "decorator_names",
    "entry_of",
    "is_entry",
    "lineage",
    "parsed",
    "workflow_type_in",
]

_ENTRIES = frozenset({"run", "signal", "update", "query"})


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Function:
    """A function at the top of a module, or a method."""

    name: str
    """With those of its classes, such as `OrderWorkflow.run`."""
    node: cst.FunctionDef
    owner: cst.ClassDef | None
    """The class that it is a method of."""

    @property
    def is_activity(self) -> bool:
        """Whether a worker runs it as an activity: no workflow code, though workflow code names it."""
        return any(name.split(".")[0] == "activity" for name in decorator_names(self.node))


class Tree:
    """A module.

    Args:
        module: As it was parsed.
    """

    def __init__(self, module: cst.Module) -> None:
        self.module = module

    @cached_property
    def lines(self) -> Mapping[cst.CSTNode, int]:
        """By node, its line; counted from 1."""
        wrapper = MetadataWrapper(self.module, unsafe_skip_copy=True)
        return {node: at.start.line for node, at in wrapper.resolve(PositionProvider).items()}

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """By name with those of its classes, each function that is in no other."""
        return {each.name: each for each in _functions(self.module.body, "", None)}

    @cached_property
    def classes(self) -> Mapping[str, cst.ClassDef]:
        """By name, each class at the top."""
        return {node.name.value: node for node in self.top if isinstance(node, cst.ClassDef)}

    @cached_property
    def top(self) -> Sequence[cst.CSTNode]:
        """The statements at the top, those of `if`, `with` and `try` blocks there included."""
        return tuple(_flat(self.module.body))

    @cached_property
    def bound(self) -> Mapping[str, cst.CSTNode]:
        """By name, the statement at the top that binds it."""
        return {name: statement for statement in self.top for name in bound_by(statement)}

    @cached_property
    def patches(self) -> frozenset[str]:
        """Ids of the patches that it asks about."""
        return patched_in([self.module])

    def class_of_type(self, name: str) -> cst.ClassDef | None:
        """The class of a workflow type, by what its decorator is given."""
        return next((each for each in self.classes.values() if workflow_type_in(each) == name), None)


def parsed(text: str) -> Tree | None:
    """A module.

    Args:
        text: Its source, its line ends as they are in the file.

    Returns:
        None where it is no Python that parses.
    """
    try:
        return Tree(cst.parse_module(text))
    except (cst.ParserSyntaxError, RecursionError):
        return None


def lineage(tree: Tree, name: str) -> Iterator[cst.ClassDef]:
    """A class, and those of its module that it is made of.

    Args:
        tree: The module.
        name: Of the class; nothing comes of a name that is none.
    """
    node = tree.classes.get(name)
    if node is None:
        return
    yield node
    for each in node.bases:
        if code_of(each.value) != name:
            yield from lineage(tree, code_of(each.value))


def decorator_names(node: cst.FunctionDef | cst.ClassDef) -> list[str]:
    """The dotted names of the decorators of a function or class, without what they are given."""
    return [_called(each.decorator) for each in node.decorators]


class Entry(NamedTuple):
    """What a method is to those outside: clients, and the service."""

    kind: str
    """`run`, `signal`, `update` or `query`."""
    name: str
    """Of its messages; empty for `run` and for what takes all that nobody else does."""


def entry_of(node: cst.FunctionDef) -> Entry | None:
    """What a method is to those outside; None for one that only code calls.

    Args:
        node: It, with its decorators.
    """
    decorator = next(filter(is_entry, node.decorators), None)
    if decorator is None:
        return None
    call = decorator.decorator
    kind = _called(call).rpartition(".")[2]
    name = "" if kind == "run" else node.name.value
    for argument in call.args if isinstance(call, cst.Call) else ():
        word = argument.keyword.value if argument.keyword is not None else ""
        if word == "dynamic":
            return Entry(kind, "")
        if word == "name" and isinstance(argument.value, cst.SimpleString):
            name = str(argument.value.evaluated_value)
    return Entry(kind, name)


def is_entry(decorator: cst.Decorator) -> bool:
    """Whether a decorator makes a method one that those outside call."""
    owner, _, kind = _called(decorator.decorator).rpartition(".")
    return bool(owner) and kind in _ENTRIES


def _called(decorator: cst.BaseExpression) -> str:
    """The dotted name of a decorator, without what it is given."""
    return code_of(decorator.func if isinstance(decorator, cst.Call) else decorator)


def workflow_type_in(node: cst.ClassDef) -> str | None:
    """The workflow type of a class as its decorator has it; its own name where that names none."""
    for each in node.decorators:
        call = each.decorator
        if _called(call).rpartition(".")[2] != "defn":
            continue
        for argument in call.args if isinstance(call, cst.Call) else ():
            if argument.keyword is not None and argument.keyword.value == "name":
                value = argument.value
                text = value.evaluated_value if isinstance(value, cst.SimpleString) else None
                return text if isinstance(text, str) else None
        return node.name.value
    return None


def bound_by(statement: cst.CSTNode) -> Iterator[str]:
    """The names that a statement at the top of a module or class binds."""
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        yield statement.name.value
    elif isinstance(statement, cst.SimpleStatementLine):
        for small in statement.body:
            yield from _bound_by_small(small)


def _bound_by_small(small: cst.BaseSmallStatement) -> Iterator[str]:
    if isinstance(small, cst.Assign):
        yield from (each.target.value for each in small.targets if isinstance(each.target, cst.Name))
    elif isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
        yield small.target.value
    elif isinstance(small, (cst.Import, cst.ImportFrom)) and not isinstance(small.names, cst.ImportStar):
        for alias in small.names:
            if alias.asname is not None:
                yield code_of(alias.asname.name).strip()
            else:
                yield code_of(alias.name).split(".")[0]


def _flat(body: Sequence[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    for node in body:
        if isinstance(node, (cst.If, cst.With, cst.Try)):
            yield from _flat(node.body.body)
            for handler in getattr(node, "handlers", ()):
                yield from _flat(handler.body.body)
            other = getattr(node, "orelse", None)
            if other is not None:
                yield from _flat([other] if isinstance(other, cst.If) else other.body.body)
        else:
            yield node


def _functions(body: Sequence[cst.CSTNode], outer: str, owner: cst.ClassDef | None) -> Iterator[Function]:
    for node in _flat(body):
        if isinstance(node, cst.FunctionDef):
            yield Function(name=f"{outer}{node.name.value}", node=node, owner=owner)
        elif isinstance(node, cst.ClassDef):
            yield from _functions(node.body.body, f"{outer}{node.name.value}.", node)
