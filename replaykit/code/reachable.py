"""The code that a workflow can come to: its class, its bases, and what they use of the project's modules.

What an activity does is none of it, nor is what a child workflow does: only how they are called. Nothing is
imported, so that the trees of two revisions can be compared.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from replaykit.code.below import Source, Sources
from replaykit.code.bindings import dotted_name
from replaykit.code.constants import Owner, Scope, library_name, text_of_expression
from replaykit.code.definitions import find_definitions

__all__ = ["Running", "WorkflowCode", "reached_below"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Decorated = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_HOPS = 8
"""Re-exports that a name is followed through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowCode:
    """What one workflow type can come to."""

    code: tuple[str, ...]
    """Every piece of it as the parser sees it, sorted: where it stands does not matter."""
    patched: frozenset[str]
    """Ids of the calls of `patched`."""
    deprecated: frozenset[str]
    """Ids of the calls of `deprecate_patch`."""
    unread: tuple[str, ...] = ()
    """What `patched` is given where the source does not show which id that is, as it stands there."""
    patched_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By worker, the ids of `patched` that its class of that type comes to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A workflow class that a worker runs."""

    worker: str
    workflow_type: str
    """The name of its class for a dynamic workflow."""
    module: str
    class_name: str
    file: Path


def reached_below(
    root: Path,
    folders: Sequence[Path] = (),
    running: Iterable[Running] = (),
    unloaded: Iterable[tuple[str, str]] = (),
) -> Mapping[str, WorkflowCode]:
    """By workflow type, the code that it can come to; by class name for a dynamic workflow.

    Args:
        root: The project; workflows of which nothing else is known are found in its files.
        folders: Where modules are imported from besides the project and its `src`.
        running: The classes that workers run: other classes of one type are none of it, such as an old copy
            that nobody imports.
        unloaded: Worker and workflow type of those whose class is not known.
    """
    sources = Sources([*folders, root / "src", root])
    found: dict[str, list[tuple[str, _Walk]]] = {}
    for each in running:
        walk = _walked(sources, each.file, each.module, each.class_name)
        if walk is not None:
            found.setdefault(each.workflow_type, []).append((each.worker, walk))
    in_source: dict[str, list[_Walk]] = {}
    for entry in find_definitions(root):
        walk = _walked(sources, root / entry.file, entry.module, entry.class_name)
        if walk is not None:
            in_source.setdefault(entry.workflow_type or entry.class_name, []).append(walk)
    unloaded = tuple(unloaded)
    known = {*found, *(name for _, name in unloaded)}
    for worker, name in (*unloaded, *(("", name) for name in in_source if name not in known)):
        found.setdefault(name, []).extend((worker, walk) for walk in in_source.get(name, ()))
    return {name: _united(walks) for name, walks in found.items() if walks}


def _walked(sources: Sources, path: Path, name: str, class_name: str) -> _Walk | None:
    module = sources.at(path, name)
    if module is None:
        return None
    parts = tuple(class_name.split("."))
    walk = _Walk(sources=sources, workflow=Owner(home=module, path=parts))
    walk.reach(module, parts[0], is_whole=True)
    return walk


def _united(walks: Sequence[tuple[str, _Walk]]) -> WorkflowCode:
    by_worker: dict[str, frozenset[str]] = {}
    for worker, walk in walks:
        by_worker[worker] = by_worker.get(worker, frozenset()).union(walk.patches["patched"])
    return WorkflowCode(
        code=tuple(sorted(piece for _, walk in walks for piece in walk.code)),
        patched=frozenset().union(*by_worker.values()),
        deprecated=frozenset().union(*(walk.patches["deprecate_patch"] for _, walk in walks)),
        unread=tuple(sorted({text for _, walk in walks for text in walk.unread})),
        patched_by=by_worker,
    )


@dataclass(kw_only=True, slots=True)
class _Walk:
    """From one workflow class through all that it uses."""

    sources: Sources
    workflow: Owner
    code: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    patches: dict[str, set[str]] = field(default_factory=lambda: {"patched": set(), "deprecate_patch": set()})
    _seen: set[tuple[str, str, bool]] = field(default_factory=set)
    _modules: set[str] = field(default_factory=set)
    _lineage: set[tuple[str, str]] = field(default_factory=set)

    def reach(self, module: Source, name: str, *, is_whole: bool = False) -> None:
        """Take in what binds a name at the top of a module, and what that uses."""
        if (module.name, name, is_whole) in self._seen:
            return
        self._seen.add((module.name, name, is_whole))
        if is_whole:
            self._lineage.add((module.name, name))
        if module.name not in self._modules:
            self._modules.add(module.name)
            for statement in module.loose:
                self._take(module, statement)
        for statement in module.bindings.get(name, ()):
            self._take(module, statement, is_whole=is_whole)

    def _take(self, module: Source, statement: ast.stmt, *, is_whole: bool = False) -> None:
        if isinstance(statement, ast.ClassDef):
            is_other = not is_whole and self._is(module, statement, "temporalio.workflow.defn")
            piece: ast.stmt = self._called(statement) if is_other else self._cleaned(module, statement)
            if not is_other:
                for base in statement.bases:
                    self._reach_dotted(module, dotted_name(base) or "", is_whole=True)
        else:
            piece = self._cleaned(module, statement)
        self.code.append(ast.dump(piece))
        self._walk(module, piece, Scope(home=module))

    def _walk(self, module: Source, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Call):
            self._note_patch(node, scope)
        dotted = dotted_name(node) if isinstance(node, ast.expr) else None
        if dotted is not None:
            self._reach_dotted(module, dotted)
            return
        within = self._inside(node, scope)
        for child in ast.iter_child_nodes(node):
            self._walk(module, child, within)

    def _inside(self, node: ast.AST, scope: Scope) -> Scope:
        """What names mean inside a node: the methods of a base are called on the workflow."""
        if isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            return replace(scope, functions=(node, *scope.functions))
        if not isinstance(node, ast.ClassDef):
            return scope
        path = (*(scope.body.path if scope.body is not None else ()), node.name)
        own = Owner(home=scope.home, path=path)
        is_base = (scope.home.name, node.name) in self._lineage and len(path) == 1
        return Scope(home=scope.home, itself=self.workflow if is_base else own, body=own)

    def _reach_dotted(self, module: Source, dotted: str, *, is_whole: bool = False) -> None:
        first, _, rest = dotted.partition(".")
        if first in module.bindings:
            self.reach(module, first, is_whole=is_whole)
        elif first in module.names:
            self._reach_full(f"{module.names[first]}.{rest}" if rest else module.names[first], is_whole)
        else:
            for star in map(self.sources.module, module.stars):
                if star is not None and first in star.bindings:
                    self.reach(star, first, is_whole=is_whole)

    def _reach_full(self, dotted: str, is_whole: bool) -> None:
        for _ in range(_HOPS):
            home, rest = self.sources.split(dotted)
            if home is None:
                self.code.append(dotted)  # of a library: which one matters, what it does is not ours
                return
            if not rest:  # the module itself is handed on: any of it may be used
                for name in home.bindings:
                    self.reach(home, name)
                return
            if rest[0] not in home.names or rest[0] in home.bindings:
                self._reach_dotted(home, ".".join(rest), is_whole=is_whole)
                return
            dotted = ".".join([home.names[rest[0]], *rest[1:]])

    def _note_patch(self, call: ast.Call, scope: Scope) -> None:
        place, _, name = (library_name(self.sources, call.func, scope) or "").rpartition(".")
        if place != "temporalio.workflow" or name not in self.patches:
            return
        given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "id")]
        text = text_of_expression(self.sources, given[0], scope) if given else None
        if text is not None:
            self.patches[name].add(text)
        elif name == "patched":
            self.unread.append(ast.unparse(given[0]) if given else "")

    def _is(self, module: Source, node: _Decorated, name: str) -> bool:
        decorators = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
        return any(library_name(self.sources, each, Scope(home=module)) == name for each in decorators)

    def _cleaned(self, module: Source, statement: ast.stmt) -> ast.stmt:
        """A copy without docstrings, and without what activities do."""
        copied = copy.deepcopy(statement)
        for node in ast.walk(copied):
            if isinstance(node, _FUNCTIONS) and self._is(module, node, "temporalio.activity.defn"):
                node.body = [ast.Pass()]
            elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                node.body = _without_docstring(node.body)
        return copied

    @staticmethod
    def _called(node: ast.ClassDef) -> ast.ClassDef:
        """What a workflow that starts another one depends on: its name, and how its methods are called."""
        copied = copy.deepcopy(node)
        methods = [each for each in copied.body if isinstance(each, _FUNCTIONS) and each.decorator_list]
        for method in methods:
            method.body = [ast.Pass()]
        copied.body = [*methods] or [ast.Pass()]
        return copied


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    is_docstring = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return (body[1:] or [ast.Pass()]) if is_docstring else body
