"""Finds `@workflow.defn` classes by reading source, without importing any of it."""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from replaykit.code.sources import text_of, tree_of

__all__ = ["Definition", "find_definitions", "workflow_places"]

_SKIPPED = frozenset({"node_modules", "site-packages", "build", "dist", "venv", "env", "__pycache__"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """A workflow class as the source shows it."""

    file: Path
    """Relative to the folder that was searched."""
    line: int
    module: str
    """Dotted name to import it by, from the searched folder or its `src`."""
    class_name: str
    workflow_type: str | None
    """Type name; None for a dynamic workflow, or where the name is computed."""

    @property
    def is_in_tests(self) -> bool:
        """Whether its file is one of tests, by the names that pytest goes by."""
        name = self.file.name
        return (
            bool({"test", "tests"} & set(self.file.parts[:-1]))
            or name.startswith("test_")
            or name.endswith("_test.py")
            or name == "conftest.py"
        )

    def is_covered_by(self, spec: str) -> bool:
        """Whether an entry of `workflows` in the configuration takes care of it.

        Args:
            spec: `module`, which stands for all below it too, or `module:Class`.
        """
        return _covers(spec, self.module)

    def spec(self, *, by_class: bool = False) -> str:
        """The entry of `workflows` in the configuration that names it.

        Args:
            by_class: Name the class and not its whole module. One in a package's `__init__.py` is always
                named so: the package's name stands for all its submodules, which may be tests, or another
                worker's.
        """
        by_class = by_class or self.file.name == "__init__.py"
        return f"{self.module}:{self.class_name}" if by_class else self.module


def find_definitions(root: Path, *, of: Collection[str] | None = None) -> list[Definition]:
    """All classes decorated with `@workflow.defn` below a folder; nothing is imported.

    Virtual environments, hidden folders and build output are left out, and so are files that do not parse.

    Args:
        root: The folder; modules are named from here, or from its `src`.
        of: Entries of `workflows` in the configuration: only the modules that they take care of are read.

    Returns:
        In the order of paths, and of one file in the order of lines.
    """
    return [
        definition
        for path in _python_files(root)
        if of is None or any(_covers(spec, _module(path.relative_to(root))) for spec in of)
        for definition in _in_file(path, root)
    ]


def workflow_places(root: Path) -> dict[str, tuple[str, int]]:
    """Where each workflow type of a project is defined.

    Args:
        root: The project's folder.

    Returns:
        By workflow type, or the class name of a dynamic one: the file, relative to the project with `/`, and
        the line of the class, counted from 1.
    """
    return {
        entry.workflow_type or entry.class_name: (entry.file.as_posix(), entry.line)
        for entry in find_definitions(root)
    }


def _python_files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _SKIPPED
            and not (Path(folder, name) / "pyvenv.cfg").exists()
        )
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".py"))


def _in_file(path: Path, root: Path) -> Iterator[Definition]:
    tree = tree_of(path) if "defn" in (text_of(path) or "") else None
    if tree is None:
        return
    aliases = _aliases(tree)
    relative = path.relative_to(root)
    for node in _module_classes(tree):
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            if ast.unparse(call.func if call else decorator) in aliases:
                yield Definition(
                    file=relative,
                    line=node.lineno,
                    module=_module(relative),
                    class_name=node.name,
                    workflow_type=_type_name(node, call),
                )


def _covers(spec: str, module: str) -> bool:
    chosen, colon, _ = spec.partition(":")
    # Where one class of a module is chosen, the others are left out on purpose.
    return module == chosen or (not colon and module.startswith(f"{chosen}."))


def _module_classes(node: ast.AST) -> Iterator[ast.ClassDef]:
    """Classes that an import of the module would define: those in functions and classes cannot be loaded."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield child
        elif not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _module_classes(child)


def _aliases(tree: ast.Module) -> set[str]:
    """Every spelling of `temporalio.workflow.defn` that this module's imports allow."""
    names = {"temporalio.workflow.defn"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "temporalio":
            names |= {f"{a.asname or a.name}.defn" for a in node.names if a.name == "workflow"}
        elif isinstance(node, ast.ImportFrom) and node.module == "temporalio.workflow":
            names |= {a.asname or a.name for a in node.names if a.name == "defn"}
        elif isinstance(node, ast.Import):
            names |= {f"{a.asname}.defn" for a in node.names if a.name == "temporalio.workflow" and a.asname}
    return names


def _module(relative: Path) -> str:
    parts = list(relative.with_suffix("").parts)
    if parts[0] == "src" and len(parts) > 1:
        parts = parts[1:]
    if parts[-1] == "__init__" and len(parts) > 1:
        parts = parts[:-1]
    return ".".join(parts)


def _type_name(node: ast.ClassDef, call: ast.Call | None) -> str | None:
    for keyword in call.keywords if call else ():
        if keyword.arg == "name":
            value = keyword.value
            return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
        if keyword.arg == "dynamic":
            return None
    return node.name
