"""The code that a workflow can come to: its class, its bases, and what they use of the project's modules.

What an activity does is none of it, nor is what a child workflow does: only how they are called. Nothing is
imported, so that the trees of two revisions can be compared.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replaykit.code.below import Source, Sources
from replaykit.code.definitions import find_definitions
from replaykit.code.modules import dotted_name

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
    walk = _Walk(sources=sources)
    walk.reach(module, class_name.partition(".")[0], is_whole=True)
    return walk


def _united(walks: Sequence[tuple[str, _Walk]]) -> WorkflowCode:
    by_worker: dict[str, frozenset[str]] = {}
    for worker, walk in walks:
        by_worker[worker] = by_worker.get(worker, frozenset()).union(walk.patches["patched"])
    return WorkflowCode(
        code=tuple(sorted(piece for _, walk in walks for piece in walk.code)),
        patched=frozenset().union(*by_worker.values()),
        deprecated=frozenset().union(*(walk.patches["deprecate_patch"] for _, walk in walks)),
        patched_by=by_worker,
    )


@dataclass(kw_only=True, slots=True)
class _Walk:
    """From one workflow class through all that it uses."""

    sources: Sources
    code: list[str] = field(default_factory=list)
    patches: dict[str, set[str]] = field(default_factory=lambda: {"patched": set(), "deprecate_patch": set()})
    _seen: set[tuple[str, str, bool]] = field(default_factory=set)
    _modules: set[str] = field(default_factory=set)

    def reach(self, module: Source, name: str, *, is_whole: bool = False) -> None:
        """Take in what binds a name at the top of a module, and what that uses."""
        if (module.name, name, is_whole) in self._seen:
            return
        self._seen.add((module.name, name, is_whole))
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
        self._walk(module, piece)

    def _walk(self, module: Source, node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            self._note_patch(module, node)
        dotted = dotted_name(node) if isinstance(node, ast.expr) else None
        if dotted is not None:
            self._reach_dotted(module, dotted)
            return
        for child in ast.iter_child_nodes(node):
            self._walk(module, child)

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

    def _note_patch(self, module: Source, call: ast.Call) -> None:
        full = self._full_name(module, call.func) or ""
        place, _, name = full.rpartition(".")
        if place != "temporalio.workflow" or name not in self.patches:
            return
        given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "id")]
        text = self._text(module, given[0], _HOPS) if given else None
        if text is not None:
            self.patches[name].add(text)

    def _text(self, module: Source, node: ast.expr, hops: int) -> str | None:
        """The string that an expression is: a literal, a sum of such, or a name that is assigned one."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = (self._text(module, side, hops) for side in (node.left, node.right))
            return left + right if left is not None and right is not None else None
        dotted = dotted_name(node)
        if dotted is None or not hops:
            return None
        first, _, rest = dotted.partition(".")
        if first in module.names and first not in module.bindings:
            home, parts = self.sources.split(".".join(filter(None, [module.names[first], rest])))
        else:
            home, parts = module, dotted.split(".")
        values = (
            [] if home is None or not parts else list(_values(home.bindings.get(parts[0], ()), parts[1:]))
        )
        if home is None or len(values) != 1:
            return None
        return self._text(home, values[0], hops - 1)

    def _full_name(self, module: Source, node: ast.expr) -> str | None:
        """The dotted name of what a library defines; None for what the project defines."""
        dotted = dotted_name(node)
        if dotted is None:
            return None
        for _ in range(_HOPS):
            first, _, rest = dotted.partition(".")
            if first in module.bindings or first not in module.names:
                return None
            dotted = f"{module.names[first]}.{rest}" if rest else module.names[first]
            home, parts = self.sources.split(dotted)
            if home is None:
                return dotted
            module, dotted = home, ".".join(parts)
        return None

    def _is(self, module: Source, node: _Decorated, name: str) -> bool:
        decorators = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
        return any(self._full_name(module, each) == name for each in decorators)

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


def _values(statements: Sequence[ast.stmt], within: Sequence[str]) -> Iterator[ast.expr]:
    """What a name is assigned; one inside classes where more names follow it."""
    for statement in statements:
        if within and isinstance(statement, ast.ClassDef):
            inner = [each for each in statement.body if within[0] in _targets(each)]
            yield from _values(inner, within[1:])
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            yield from [statement.value] if list(within) in ([], ["value"]) else []  # of an enum's member


def _targets(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    is_docstring = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return (body[1:] or [ast.Pass()]) if is_docstring else body
