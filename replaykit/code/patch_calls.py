"""Patch calls in the source of workflows and of what they import of the project, and what they guard."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from replaykit.code.constants import Owner, Scope, library_name, text_of_expression
from replaykit.code.modules import Module, Modules, parents_of
from replaykit.paths import display_code

__all__ = ["Guard", "Lines", "PatchCall", "find_patch_calls"]

_CALLS = {"temporalio.workflow.patched": "patched", "temporalio.workflow.deprecate_patch": "deprecate_patch"}
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Classes = dict[tuple[str, str], dict[type, str | None]]
"""By module and name of a class, the workflow classes that have it among their bases, with their types."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Lines:
    """First and last line of a piece of code, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """A condition that a patch call decides."""

    line: int
    new: Lines | None
    """What runs where the call answers True; None for nothing."""
    old: Lines | None
    """What runs where it answers False; None for nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchCall:
    """A call of `patched` or `deprecate_patch`."""

    name: str
    """`patched` or `deprecate_patch`."""
    patch_id: str | None
    """None where the id is computed when the code runs."""
    file: str
    """Relative to the project where it lies inside it."""
    line: int
    function: str
    guards: tuple[Guard, ...] = ()
    workflows: frozenset[str | None] = frozenset()
    """Types of the workflows that can come to it, from the modules that they import; None: a dynamic one."""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


def find_patch_calls(workflows: Mapping[type, str | None], root: Path) -> tuple[PatchCall, ...]:
    """Every call of `patched` and `deprecate_patch` that the workflows of one worker can come to.

    A call in a method belongs to the workflows that have the class among their bases, one in any other
    function to those whose modules import its module, at any depth.

    Args:
        workflows: By class, imported, the name of its workflow type; None for a dynamic one.
        root: The project; files inside it are named relative to it.

    Returns:
        In the order of files and lines.
    """
    modules = Modules()
    classes: _Classes = {}
    reached: dict[str, set[str | None]] = {}
    read: dict[str, Module] = {}
    for cls, name in workflows.items():
        bases = [base for base in cls.__mro__ if base is not object]
        for base in bases:
            classes.setdefault((base.__module__, base.__qualname__), {})[cls] = name
        for module in modules.closure(base.__module__ for base in bases):
            read[module.name] = module
            reached.setdefault(module.name, set()).add(name)
    found = [
        call
        for module in read.values()
        for call in _in_module(modules, module, root, classes, frozenset(reached[module.name]))
    ]
    return tuple(sorted(found, key=lambda call: (call.file, call.line)))


def _in_module(
    modules: Modules,
    module: Module,
    root: Path,
    classes: _Classes,
    importers: frozenset[str | None],
) -> Iterator[PatchCall]:
    parents = parents_of(module.tree)
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        around = list(_ancestors(node, parents))
        functions = tuple(each for each in around if isinstance(each, _FUNCTIONS))
        scope = Scope(home=module, functions=functions)
        name = _CALLS.get(library_name(modules, node.func, scope) or "")
        if name is None:
            continue
        inside = [each for each in around if isinstance(each, ast.ClassDef)]
        path = tuple(each.name for each in reversed(inside))
        owners = classes.get((module.name, ".".join(path)))
        if owners is None and any(_is_workflow(modules, module, each) for each in inside):
            continue  # a workflow of another worker, imported to be a child
        itself = Owner(home=module, path=path) if path else None
        for patch_id, of in _ids(modules, _argument(node), replace(scope, itself=itself), owners).items():
            yield PatchCall(
                name=name,
                patch_id=patch_id,
                file=display_code(module.path, root),
                line=node.lineno,
                function=getattr(functions[0], "name", "<lambda>") if functions else "<module>",
                guards=tuple(_guards(node, around, parents, module.tree)) if name == "patched" else (),
                workflows=frozenset(of) if owners else importers,
            )


def _ids(
    modules: Modules, argument: ast.expr | None, scope: Scope, owners: Mapping[type, str | None] | None
) -> dict[str | None, list[str | None]]:
    """The ids that a call can have, each with the workflows that give it: a subclass may have its own."""
    found: dict[str | None, list[str | None]] = {}
    for cls, name in (owners or {type(None): None}).items():
        home = modules.module(cls.__module__) if owners else None
        path = tuple(cls.__qualname__.split("."))
        itself = scope.itself if home is None else Owner(home=home, path=path)
        text = (
            None if argument is None else text_of_expression(modules, argument, replace(scope, itself=itself))
        )
        found.setdefault(text, []).append(name)
    return found


def _is_workflow(modules: Modules, module: Module, node: ast.ClassDef) -> bool:
    decorators = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
    scope = Scope(home=module)
    return any(library_name(modules, each, scope) == "temporalio.workflow.defn" for each in decorators)


def _argument(call: ast.Call) -> ast.expr | None:
    if call.args:
        return call.args[0]
    return next((keyword.value for keyword in call.keywords if keyword.arg == "id"), None)


def _ancestors(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def _guards(
    call: ast.Call, around: list[ast.AST], parents: dict[ast.AST, ast.AST], tree: ast.Module
) -> Iterator[Guard]:
    """The conditions that the call decides: the one that it stands in, or those that hold its variable."""
    own = _guard_at(call, parents)
    if own is not None:
        yield own
        return
    variable, sense = _variable(call, parents)
    if variable is None:
        return
    wanted = ast.ClassDef if isinstance(variable, ast.Attribute) else _FUNCTIONS
    scope = next((node for node in around if isinstance(node, wanted)), tree)
    for node in ast.walk(scope):
        if (
            isinstance(node, (ast.Name, ast.Attribute))
            and isinstance(node.ctx, ast.Load)
            and ast.unparse(node) == ast.unparse(variable)
        ):
            guard = _guard_at(node, parents)
            if guard is not None:
                yield guard if sense else Guard(line=guard.line, new=guard.old, old=guard.new)


def _variable(call: ast.Call, parents: dict[ast.AST, ast.AST]) -> tuple[ast.expr | None, bool]:
    """The name or attribute that the call's answer goes into, and whether unnegated."""
    node: ast.AST = call
    sense = True
    while isinstance(parents.get(node), ast.UnaryOp):
        node, sense = parents[node], not sense
    parent = parents.get(node)
    targets: list[ast.expr] = []
    if isinstance(parent, ast.Assign):
        targets = parent.targets
    elif isinstance(parent, (ast.AnnAssign, ast.NamedExpr)):
        targets = [parent.target]
    plain = [target for target in targets if isinstance(target, (ast.Name, ast.Attribute))]
    return (plain[0] if plain else None), sense


def _guard_at(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Guard | None:
    """The `if`, conditional expression or `while` whose test holds this node."""
    sense = True
    child = node
    for parent in _ancestors(node, parents):
        if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
            sense = not sense
        elif isinstance(parent, (ast.If, ast.IfExp, ast.While)):
            if parent.test is not child:
                return None
            held, other = _branches(parent, parents)
            new, old = (held, other) if sense else (other, held)
            return Guard(line=parent.lineno, new=new, old=old)
        elif not isinstance(parent, (ast.BoolOp, ast.NamedExpr)):
            return None
        child = parent
    return None


def _branches(
    test: ast.If | ast.IfExp | ast.While, parents: dict[ast.AST, ast.AST]
) -> tuple[Lines | None, Lines | None]:
    """What runs where a condition holds, and where it does not."""
    if isinstance(test, ast.IfExp):
        return _lines([test.body]), _lines([test.orelse])
    held, other = _lines(test.body), _lines(test.orelse)
    if other is None and isinstance(test, ast.If) and isinstance(test.body[-1], _LEAVES):
        other = _lines(_following(test, parents))
    return held, other


def _following(node: ast.stmt, parents: dict[ast.AST, ast.AST]) -> list[ast.stmt]:
    """The statements that follow in the same block."""
    for _, block in ast.iter_fields(parents[node]):
        if isinstance(block, list) and node in block:
            return list(block[block.index(node) + 1 :])
    return []


def _lines(nodes: Iterable[ast.stmt | ast.expr]) -> Lines | None:
    spans = [(node.lineno, node.end_lineno or node.lineno) for node in nodes]
    if not spans:
        return None
    return Lines(first=min(first for first, _ in spans), last=max(last for _, last in spans))
