"""What one source file needs from outside of it: modules, environment variables, and what is not clear.

Read, not run. Whatever is not understood has a reason in words: a caller that has to be sure goes by it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from replaykit.code.bindings import dotted_name, stars_of
from replaykit.code.leading_out import (
    BUILTINS,
    CHANCE,
    CLEAR,
    ITSELF,
    LOOKING_METHODS,
    LOOKS,
    PATH,
    PLAIN,
    PLAIN_BUILTINS,
    READING,
    READING_METHODS,
    SETTINGS,
    UNCLEAR,
    above,
    below,
)
from replaykit.code.modules import imports_of

__all__ = ["Needs", "needs_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """What a file needs."""

    imports: tuple[str, ...] = ()
    """Dotted names that may be modules, wherever they stand in the file; the packages around them too."""
    stars: tuple[str, ...] = ()
    """Those of which it imports all names, which of a package can be its modules."""
    variables: tuple[str, ...] = ()
    """Environment variables that it reads by name."""
    unclear: tuple[str, ...] = ()
    """What of it is not understood, each in words that go on from the name of the file."""
    unclear_at_import: tuple[str, ...] = ()
    """The same of what an import of it runs: not of the bodies of its functions."""
    reads_files: bool = False
    """Whether it may open files, outside of its activities."""
    reaches_out: bool = False
    """Whether an import of it may change something outside of it: it calls what is not known to be plain."""
    has_hooks: bool = False
    """Whether a class of it may run code of its own where another file subclasses it."""


def needs_of(tree: ast.Module, package: str) -> Needs:
    """What a file needs.

    Args:
        tree: It.
        package: The package that its relative imports start from.
    """
    names, imports = imports_of(tree, package)
    reading = _Reading(names=names)
    stars = tuple(dict.fromkeys(stars_of(tree, package)))
    reading.note_imports(imports, stars)
    reading.visit(tree)
    return Needs(
        imports=tuple(dict.fromkeys((*imports, *reading.imports))),
        stars=stars,
        variables=tuple(dict.fromkeys(reading.variables)),
        unclear=tuple(dict.fromkeys((*reading.unclear, *reading.unclear_at_import))),
        unclear_at_import=tuple(dict.fromkeys(reading.unclear_at_import)),
        reads_files=reading.reads_files,
        reaches_out=reading.reaches_out,
        has_hooks=reading.has_hooks,
    )


@dataclass(kw_only=True, slots=True)
class _Reading(ast.NodeVisitor):
    """Goes through a file, and notes what of it leads out."""

    names: Mapping[str, str]
    imports: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    unclear_at_import: list[str] = field(default_factory=list)
    reads_files: bool = False
    reaches_out: bool = False
    has_hooks: bool = False
    _depth: int = 0
    """How many functions are around the node at hand."""

    def note_imports(self, imports: Sequence[str], stars: Sequence[str]) -> None:
        """What the mere import of a library means, and that of all its names."""
        if any(below(name, UNCLEAR) or name in ("os", "sys") for name in stars):
            self._note(ITSELF)
        for name in imports:
            if below(name, UNCLEAR) and UNCLEAR[above(name, UNCLEAR)] is SETTINGS:
                self._note(SETTINGS)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """What a worker calls an activity for is not asked in a replay; how it is declared is."""
        self._visit_decorators(node.decorator_list)
        self.visit(node.args)
        if node.returns is not None:
            self.visit(node.returns)
        if node.name == "__init_subclass__" or node.name == "__set_name__":
            self.has_hooks = True
        if any(self._dotted(_called(each)) == "temporalio.activity.defn" for each in node.decorator_list):
            return
        self._depth += 1
        for statement in node.body:
            self.visit(statement)
        self._depth -= 1

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._depth += 1
        self.visit(node.body)
        self._depth -= 1

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_decorators(node.decorator_list)
        if any(keyword.arg == "metaclass" for keyword in node.keywords) or any(
            map(_is_metaclass, node.bases)
        ):
            self.has_hooks = True
        for base in (*node.bases, *node.keywords, *node.body):
            self.visit(base)

    def _visit_decorators(self, decorators: Sequence[ast.expr]) -> None:
        for decorator in decorators:
            if not isinstance(decorator, ast.Call) and not self._is_plain(decorator):
                self._reach_out()
            self.visit(decorator)

    def visit_If(self, node: ast.If) -> None:
        """What a file does as a script it does not do as a module."""
        is_for_script = ast.unparse(node.test).startswith("__name__ ==")
        for child in node.orelse if is_for_script else ast.iter_child_nodes(node):
            self.visit(child)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._visit_targets(node.targets)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._visit_targets([node.target])
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_targets([node.target])
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._visit_targets(node.targets)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._visit_targets([node.target])
        self.generic_visit(node)

    def _visit_targets(self, targets: Sequence[ast.expr]) -> None:
        """What is written somewhere else than into a name of this file."""
        if any(
            isinstance(each, (ast.Attribute, ast.Subscript))
            for target in targets
            for each in ast.walk(target)
        ):
            self._reach_out()

    def visit_Expr(self, node: ast.Expr) -> None:
        """A statement for its effect, such as `register(X)`."""
        if not isinstance(node.value, ast.Constant):
            self._reach_out()
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        dotted = self._dotted(node.func) or ""
        if not self._depth:
            is_handed_code = any(keyword.arg == "key" for keyword in node.keywords)
            if is_handed_code or not (self._is_plain(node.func) or self._is_import(node)):
                self._reach_out()
            if below(dotted, CHANCE):
                self._note("asks for the time, for chance or for its machine while it is imported")
        if not self._is_understood(node, dotted):
            self.visit(node.func)
        for child in (*node.args, *node.keywords):
            self.visit(child)

    def _is_import(self, node: ast.Call) -> bool:
        return self._dotted(node.func) == "importlib.import_module"

    def _is_understood(self, node: ast.Call, dotted: str) -> bool:
        """Whether a call is of a kind that is not clear as such, and this one is."""
        text = _text_in(node.args[0]) if node.args else None
        if dotted in ("importlib.import_module", "__import__"):
            if text is None or text.startswith(".") or len(node.args) > 1 or node.keywords:
                self._note(BUILTINS["__import__"])
            else:
                parts = text.split(".")
                self.imports += (".".join(parts[: end + 1]) for end in range(len(parts)))
            return True
        if dotted in ("os.getenv", "os.environ.get") and text is not None:
            self.variables.append(text)
            return True
        return False

    def visit_Subscript(self, node: ast.Subscript) -> None:
        text = _text_in(node.slice)
        if self._dotted(node.value) == "os.environ" and text is not None and isinstance(node.ctx, ast.Load):
            self.variables.append(text)
            return
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        text = _text_in(node.left)
        if text is not None and [self._dotted(each) for each in node.comparators] == ["os.environ"]:
            self.variables.append(text)
            return
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._visit_name(node, self._dotted(node))
        if node.attr in LOOKING_METHODS:
            self._note(LOOKS)
        self.reads_files = self.reads_files or node.attr in READING_METHODS
        if dotted_name(node) is None:
            self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self.names:
            self._visit_name(node, self.names[node.id])
        elif node.id in BUILTINS:
            self._note(BUILTINS[node.id])
        elif node.id == "open":
            self.reads_files = True

    def _visit_name(self, node: ast.expr, dotted: str | None) -> None:
        if dotted is None:
            return
        if dotted in READING:
            self.reads_files = True
        if below(dotted, UNCLEAR) and not below(dotted, CLEAR):
            self._note(UNCLEAR[above(dotted, UNCLEAR)])
        if dotted.rpartition(".")[2] == "__path__":
            self._note(PATH)
        parts = dotted.split(".")  # `import app` and then `app.rates.LIMIT`: somebody has imported app.rates
        self.imports += (".".join(parts[: end + 1]) for end in range(1, len(parts)))

    def _note(self, why: str) -> None:
        (self.unclear if self._depth else self.unclear_at_import).append(why)

    def _reach_out(self) -> None:
        self.reaches_out = self.reaches_out or not self._depth

    def _dotted(self, node: ast.expr) -> str | None:
        """What an expression names, as far as imports show; None for what they don't, but a bare builtin."""
        dotted = dotted_name(node)
        if dotted is None:
            return None
        first, _, rest = dotted.partition(".")
        if first not in self.names:
            return None if rest else first
        return f"{self.names[first]}.{rest}" if rest else self.names[first]

    def _is_plain(self, function: ast.expr) -> bool:
        """Whether a function, class or decorator changes nothing outside of what it answers with."""
        if isinstance(function, ast.Constant):  # "{}".format
            return True
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Constant):
            return True
        dotted = self._dotted(function)
        if dotted is None:
            name = dotted_name(function) or ""
            return name.endswith((".setter", ".getter", ".deleter", ".signal", ".query", ".validator"))
        if dotted in PLAIN_BUILTINS and isinstance(function, ast.Name) and function.id not in self.names:
            return True
        return below(dotted, PLAIN)


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _text_in(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_metaclass(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == "type"
