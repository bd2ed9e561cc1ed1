"""The modules of the project that workflow code is made of, as syntax trees."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.code.bindings import bindings_of, stars_of
from replaykit.code.sources import tree_of
from replaykit.whose_code import is_user_code

__all__ = ["Module", "Modules", "imports_of", "parents_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """The source of one module of the project, read and not run."""

    name: str
    """Dotted."""
    path: Path
    tree: ast.Module
    names: Mapping[str, str]
    """What imports make of local names: `wf` is `temporalio.workflow`."""
    stars: tuple[str, ...]
    """The modules of which it imports all names."""
    bindings: Mapping[str, tuple[ast.stmt, ...]]
    """By name, the statements at its top that bind or change it."""
    imports: tuple[str, ...]
    """Dotted names that may be modules of the project."""


class Modules:
    """The modules of the project that have been imported, or lie in packages that have.

    Each is read once for the life of this object, so that a tree does not change while it is looked at. No
    module is imported: what the user's code has not imported itself is found by the path of its package.
    """

    def __init__(self) -> None:
        self._read: dict[str, Module | None] = {}

    def closure(self, names: Iterable[str]) -> list[Module]:
        """These modules and all of the project's that they import, at any depth: the import closure.

        An import counts wherever it stands, in a function or under `TYPE_CHECKING` too, and brings the
        packages that its module lies in.

        Args:
            names: Dotted names of the modules to begin with; those of libraries are passed over.

        Returns:
            Each once, in the order of their names.
        """
        found: dict[str, Module] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            module = None if name in found else self.module(name)
            if module is not None:
                found[name] = module
                waiting.extend(module.imports)
        return sorted(found.values(), key=lambda module: module.name)

    def module(self, name: str) -> Module | None:
        """One module of the project.

        Args:
            name: Its dotted name.

        Returns:
            None for a module of a library, one without source that parses, and one that is not there.
        """
        if name not in self._read:
            self._read[name] = _read(name)
        return self._read[name]

    def split(self, dotted: str) -> tuple[Module | None, Sequence[str]]:
        """The module of the project that a dotted name begins with, and the parts that follow.

        Args:
            dotted: Such as `app.rates.LIMIT`.
        """
        parts = dotted.split(".")
        for end in range(len(parts), 0, -1):
            module = self.module(".".join(parts[:end]))
            if module is not None:
                return module, parts[end:]
        return None, parts


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """By node of a tree, the node that it stands in.

    Args:
        tree: The tree; its root is in no other node.
    """
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def _read(name: str) -> Module | None:
    path = _path_of(name)
    if path is None:
        return None
    tree = tree_of(path)
    if tree is None:
        return None
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    names, imports = imports_of(tree, package)
    return Module(
        name=name,
        path=path,
        tree=tree,
        names=names,
        stars=tuple(stars_of(tree, package)),
        bindings=bindings_of(tree.body),
        imports=tuple(dict.fromkeys(imports)),
    )


def _path_of(name: str) -> Path | None:
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    if module is None:
        # Only below a package that the workflow code has imported: finding one imports its parents.
        parent = name.rpartition(".")[0]
        if parent and parent not in sys.modules:
            return None
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            return None
        file = spec.origin if spec else None
    if not file or not file.endswith(".py") or not is_user_code(file):
        return None
    return Path(file)


def imports_of(tree: ast.Module, package: str) -> tuple[dict[str, str], list[str]]:
    """What the imports of a module make of local names, and the dotted names that may be modules.

    Args:
        tree: The module.
        package: The package that its relative imports start from.
    """
    names: dict[str, str] = {}
    modules: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
                modules.extend(_with_packages(alias.name))
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            modules.extend(_with_packages(base))
            for alias in node.names:
                if alias.name != "*":
                    names[alias.asname or alias.name] = f"{base}.{alias.name}"
                    modules.append(f"{base}.{alias.name}")
    return names, modules


def _with_packages(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    yield from (".".join(parts[: end + 1]) for end in range(len(parts)))


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, node.module] if node.module else kept)
