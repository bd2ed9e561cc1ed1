"""The modules of the project that workflow code is made of, as syntax trees."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from replaykit.code.sources import tree_of
from replaykit.whose_code import is_user_code

__all__ = ["Module", "Modules", "dotted_name", "imports_of", "parents_of"]

_HOPS = 8
"""Re-exports that a name is followed through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """The source of one module of the project, read and not run."""

    name: str
    """Dotted."""
    path: Path
    tree: ast.Module
    names: Mapping[str, str]
    """What imports make of local names: `wf` is `temporalio.workflow`."""
    constants: Mapping[str, ast.expr]
    """Values of names and `Class.NAME`s that are assigned once."""
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

    def full_name(self, module: Module, node: ast.expr) -> str | None:
        """The full dotted name that an expression stands for, imports and re-exports followed.

        Args:
            module: Where it stands.
            node: The expression, such as that of `wf.patched`.

        Returns:
            Such as `temporalio.workflow.patched`; None where the expression is no name.
        """
        dotted = dotted_name(node)
        if dotted is None:
            return None
        first, _, rest = dotted.partition(".")
        start = module.names.get(first, f"{module.name}.{first}")
        return self._followed(f"{start}.{rest}" if rest else start)

    def text(self, module: Module, node: ast.expr, within: str | None = None) -> str | None:
        """The string that an expression is: a literal, a sum of such, or a name that is assigned one once.

        Args:
            module: Where it stands.
            node: The expression.
            within: Name of the class around it, which `self` and `cls` mean.

        Returns:
            None where it is computed when the code runs.
        """
        return self._text(module, node, within, _HOPS)

    def _text(self, module: Module, node: ast.expr, within: str | None, hops: int) -> str | None:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = (self._text(module, side, within, hops) for side in (node.left, node.right))
            return left + right if left is not None and right is not None else None
        if not hops or not isinstance(node, (ast.Name, ast.Attribute)):
            return None
        dotted = dotted_name(node)
        if dotted is None:
            return None
        if within and dotted.split(".")[0] in ("self", "cls"):
            dotted = within + dotted[dotted.index(".") :] if "." in dotted else dotted
        dotted = dotted.removesuffix(".value")  # of an enum's member
        if dotted in module.constants:
            return self._text(module, module.constants[dotted], dotted.rpartition(".")[0] or None, hops - 1)
        full = self.full_name(module, ast.parse(dotted, mode="eval").body)
        home, name = self._home(full) if full else (None, "")
        if home is None or home.name == module.name or name not in home.constants:
            return None
        return self._text(home, home.constants[name], name.rpartition(".")[0] or None, hops - 1)

    def _followed(self, dotted: str) -> str:
        for _ in range(_HOPS):
            home, name = self._home(dotted)
            first, _, rest = name.partition(".")
            if home is None or first not in home.names or home.names[first] == dotted:
                return dotted
            dotted = f"{home.names[first]}.{rest}" if rest else home.names[first]
        return dotted

    def _home(self, dotted: str) -> tuple[Module | None, str]:
        """The module of the project that a dotted name lies in, and the rest of the name."""
        parts = dotted.split(".")
        for end in range(len(parts) - 1, 0, -1):
            module = self.module(".".join(parts[:end]))
            if module is not None:
                return module, ".".join(parts[end:])
        return None, dotted


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
        constants=dict(_constants(tree)),
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


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    assigned: dict[str, list[ast.expr]] = {}
    for prefix, body in [("", tree.body)] + [
        (f"{node.name}.", node.body) for node in tree.body if isinstance(node, ast.ClassDef)
    ]:
        for node in body:
            if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
                continue
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    assigned.setdefault(f"{prefix}{target.id}", []).append(node.value)
    yield from ((name, values[0]) for name, values in assigned.items() if len(values) == 1)


def dotted_name(node: ast.expr) -> str | None:
    """The dotted name that an expression is; None for any other expression.

    Args:
        node: Such as that of `wf.patched`.
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted_name(node.value)
        return f"{base}.{node.attr}" if base else None
    return None
