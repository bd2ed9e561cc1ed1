"""What an expression is, as far as the source shows it: a text that never changes, or a name of a library.

Nothing is guessed: what is assigned twice, in a branch, in a loop or by a call has no answer.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from replaykit.code.bindings import Namespace, bindings_of, dotted_name

__all__ = ["Finder", "Owner", "Scope", "library_name", "text_of_expression"]

_HOPS = 8
"""Names that are followed, one to the other."""
_ITSELF = frozenset({"self", "cls"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_MEMBER = {"value", "_value_"}


class Finder(Protocol):
    """Finds the modules of a project."""

    def split(self, dotted: str) -> tuple[Namespace | None, Sequence[str]]:
        """The module that a dotted name begins with, and the parts that follow; None for a library's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """A class, and where it stands."""

    home: Namespace
    path: tuple[str, ...]
    """Its name, after those of the classes that it stands in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What the names in an expression mean."""

    home: Namespace
    functions: tuple[ast.AST, ...] = ()
    """Those around it, the innermost first."""
    itself: Owner | None = None
    """The class of `self` and `cls`."""
    body: Owner | None = None
    """The class in whose body it stands, outside of any function."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Value:
    """What a name is assigned, once."""

    node: ast.expr
    scope: Scope
    is_member: bool = False
    """Whether it is a member of an Enum rather than that member's value."""


class _Computed(Exception):
    """The source does not show it."""


def text_of_expression(finder: Finder, node: ast.expr, scope: Scope) -> str | None:
    """The string that an expression is: a literal, a sum or f-string of such, or a name of one.

    Args:
        finder: Finds the modules that names are imported from.
        node: The expression.
        scope: What its names mean.

    Returns:
        None where it is computed when the code runs.
    """
    try:
        return _text(finder, node, scope, _HOPS)
    except _Computed:
        return None


def library_name(finder: Finder, node: ast.expr, scope: Scope) -> str | None:
    """The full dotted name of what a library defines, imports, re-exports and other names of it followed.

    Args:
        finder: As above.
        node: The expression, such as that of `wf.patched`.
        scope: As above.

    Returns:
        Such as `temporalio.workflow.patched`; None for what the project defines, and for no name.
    """
    dotted = dotted_name(node)
    if dotted is None:
        return None
    home, functions = scope.home, scope.functions
    for _ in range(_HOPS):
        first, _, rest = dotted.partition(".")
        renamed = _renamed(home, first, functions)
        if renamed is not None:
            dotted = f"{renamed}.{rest}" if rest else renamed
            continue
        if first in home.bindings:
            return None
        if first not in home.names:
            brought = _by_star(finder, home, first)
            if brought is not None:
                home, functions = brought, ()
                continue
            star = next((star for star in home.stars if finder.split(star)[0] is None), None)
            return f"{star}.{dotted}" if star else None
        dotted = f"{home.names[first]}.{rest}" if rest else home.names[first]
        found, parts = finder.split(dotted)
        if found is None:
            return dotted
        home, functions, dotted = found, (), ".".join(parts)
    return None


def _renamed(home: Namespace, name: str, functions: tuple[ast.AST, ...]) -> str | None:
    """The other name that one name is given: `is_new = workflow.patched`."""
    try:
        value = _local(name, functions)
        value = value if value is not None else _assigned(home.bindings.get(name, ()))
    except _Computed:
        return None
    dotted = dotted_name(value) if value is not None else None
    return dotted if dotted != name else None


def _text(finder: Finder, node: ast.expr, scope: Scope, hops: int, *, formatted: bool = False) -> str:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return node.value
        if formatted and isinstance(node.value, int):
            return str(node.value)
        raise _Computed
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(finder, node.left, scope, hops) + _text(finder, node.right, scope, hops)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(finder, part, scope, hops, formatted=True) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        if node.conversion != -1 or node.format_spec is not None:
            raise _Computed
        return _text(finder, node.value, scope, hops, formatted=True)
    parts = _parts(node)
    if not parts or not hops:
        raise _Computed
    found = _named(finder, parts, scope, hops)
    if found is None or (found.is_member and formatted):  # an Enum decides how its member is formatted
        raise _Computed
    return _text(finder, found.node, found.scope, hops - 1, formatted=formatted)


def _parts(node: ast.expr) -> list[str]:
    """A dotted name in parts; `type(self)` and `self.__class__` are `cls`. Empty for any other expression."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        before = _parts(node.value)
        if node.attr == "__class__" and before and before[-1] in _ITSELF:
            return ["cls"]
        return [*before, node.attr] if before else []
    if isinstance(node, ast.Call) and dotted_name(node.func) == "type" and len(node.args) == 1:
        return ["cls"] if _parts(node.args[0]) == ["self"] else []
    return []


def _named(finder: Finder, parts: Sequence[str], scope: Scope, hops: int) -> _Value | None:
    first, *rest = parts
    if first in _ITSELF and scope.itself is not None:
        return _of_owner(finder, scope.itself, rest, hops) if rest else None
    local = _local(first, scope.functions)
    if local is not None:
        if rest:
            other = _parts(local)
            return _named(finder, [*other, *rest], scope, hops - 1) if other and hops else None
        return _Value(node=local, scope=scope)
    if scope.body is not None and not scope.functions:
        own = _of_owner(finder, scope.body, parts, hops)
        if own is not None:
            return own
    return _in_module(finder, scope.home, parts, hops)


def _local(name: str, functions: Sequence[ast.AST]) -> ast.expr | None:
    """What a name is assigned in the functions around; None where it is none of theirs."""
    for function in functions:
        nodes = list(ast.walk(function))
        if any(isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names for node in nodes):
            raise _Computed
        stores = [node for node in nodes if isinstance(node, ast.Name) and node.id == name]
        stores = [node for node in stores if not isinstance(node.ctx, ast.Load)]
        if name in _parameters(function) or len(stores) > 1:
            raise _Computed
        if stores:
            values = [value for node in nodes if (value := _value_of(node, stores[0])) is not None]
            if not values:
                raise _Computed
            return values[0]
    return None


def _parameters(function: ast.AST) -> list[str]:
    if not isinstance(function, _FUNCTIONS):
        return []
    given = function.args
    single = [each for each in (given.vararg, given.kwarg) if each is not None]
    return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs, *single)]


def _value_of(node: ast.AST, target: ast.expr) -> ast.expr | None:
    """What an assignment to that target alone assigns."""
    if isinstance(node, ast.Assign) and target in node.targets:
        return node.value
    if isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.target is target:
        return node.value
    return None


def _in_module(finder: Finder, home: Namespace, parts: Sequence[str], hops: int) -> _Value | None:
    """What a name at the top of a module is; what follows it are attributes of classes."""
    if not hops:
        return None
    first, *rest = parts
    statements = home.bindings.get(first)
    if statements is None:
        return _imported(finder, home, parts, hops)
    if rest:
        (only,) = statements if len(statements) == 1 else (None,)
        if isinstance(only, ast.ClassDef):
            return _of_class(finder, Owner(home=home, path=(first,)), only, rest, hops)
        alias = _parts(value) if (value := _assigned(statements)) is not None else []
        return _in_module(finder, home, [*alias, *rest], hops - 1) if alias else None
    value = _assigned(statements)
    return _Value(node=value, scope=Scope(home=home)) if value is not None else None


def _imported(finder: Finder, home: Namespace, parts: Sequence[str], hops: int) -> _Value | None:
    first, *rest = parts
    if first in home.names:
        found, left = finder.split(".".join([home.names[first], *rest]))
        return _in_module(finder, found, left, hops - 1) if found is not None and left else None
    brought = _by_star(finder, home, first)
    return _in_module(finder, brought, parts, hops - 1) if brought is not None else None


def _by_star(finder: Finder, home: Namespace, name: str) -> Namespace | None:
    """The module of the project that a name comes from by `import *`."""
    for star in home.stars:
        found, left = finder.split(star)
        if found is not None and not left and (name in found.bindings or name in found.names):
            return found
    return None


def _assigned(statements: Sequence[ast.stmt]) -> ast.expr | None:
    """What statements assign to the name that they bind; None where they define something else.

    Raises:
        _Computed: They do so more than once, or in a branch.
    """
    if not statements or isinstance(statements[0], (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    only = statements[0]
    if len(statements) == 1 and isinstance(only, (ast.Assign, ast.AnnAssign)) and only.value is not None:
        targets = only.targets if isinstance(only, ast.Assign) else [only.target]
        if all(isinstance(target, ast.Name) for target in targets):
            return only.value
    raise _Computed


def _of_owner(finder: Finder, owner: Owner, parts: Sequence[str], hops: int) -> _Value | None:
    found = _class_at(owner)
    return _of_class(finder, owner, found, parts, hops) if found is not None else None


def _class_at(owner: Owner) -> ast.ClassDef | None:
    bindings = owner.home.bindings
    found: ast.ClassDef | None = None
    for name in owner.path:
        classes = [each for each in bindings.get(name, ()) if isinstance(each, ast.ClassDef)]
        if len(classes) != 1:
            return None
        found = classes[0]
        bindings = bindings_of(found.body)
    return found


def _of_class(
    finder: Finder, owner: Owner, node: ast.ClassDef, parts: Sequence[str], hops: int
) -> _Value | None:
    """What an attribute of a class is, its own or one of its bases'."""
    if not hops:
        return None
    name, *rest = parts
    if any(_sets(each, name) for each in ast.walk(node)):
        raise _Computed
    statements = bindings_of(node.body).get(name)
    inside = Scope(home=owner.home, body=owner)
    if statements is None:
        for base in map(_parts, node.bases):
            found = _named(finder, [*base, *parts], inside, hops - 1) if base else None
            if found is not None:
                return found
        return None
    if len(statements) == 1 and isinstance(statements[0], ast.ClassDef) and rest:
        within = replace(owner, path=(*owner.path, name))
        return _of_class(finder, within, statements[0], rest, hops - 1)
    value = _assigned(statements)
    is_enum = _is_enum(node)
    if value is None or (rest and not is_enum):
        return None
    if rest in (["name"], ["_name_"]):
        return _Value(node=ast.Constant(value=name), scope=inside)
    if rest and (len(rest) > 1 or rest[0] not in _MEMBER):
        return None
    return _Value(node=value, scope=inside, is_member=is_enum and not rest)


def _is_enum(node: ast.ClassDef) -> bool:
    return any(base[-1].endswith(("Enum", "Flag")) for base in map(_parts, node.bases) if base)


def _sets(node: ast.AST, name: str) -> bool:
    """Whether something sets that attribute on an instance or on the class."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and not isinstance(node.ctx, ast.Load)
        and _parts(node)[:1] in (["self"], ["cls"])
    )
