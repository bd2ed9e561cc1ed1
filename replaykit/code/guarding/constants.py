"""Constants whose value a change alters, and the places that go by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.hunks import Hunk, HunkKind, Rewrite
from replaykit.code.guarding.texts import code_of, names_in, plain
from replaykit.code.guarding.tree import Function, Tree

__all__ = ["Constants", "Settled", "changed_constants", "uses_of"]

_SHORT = 24
"""A value of so many characters is part of a patch id."""
_DEFAULTS_OF = ("dataclass", "dataclasses.dataclass", "BaseModel", "pydantic.BaseModel", "NamedTuple")


@dataclass(frozen=True, kw_only=True, slots=True)
class Constants:
    """The values of the base, where the head has others."""

    names: Mapping[str, cst.BaseExpression] = field(default_factory=dict)
    """Of names at the top of the module."""
    attributes: Mapping[tuple[str, str], cst.BaseExpression] = field(default_factory=dict)
    """Of attributes of classes, by class of the head and name."""
    defaults: Mapping[str, Mapping[str, tuple[int, cst.BaseExpression, cst.BaseExpression]]] = field(
        default_factory=dict
    )
    """Of parameters, by name of a function or of a class with fields: its place among the positional ones (-1
    for none), the default of the head, and that of the base."""

    def __bool__(self) -> bool:
        return bool(self.names or self.attributes or self.defaults)


def changed_constants(base: Tree, head: Tree, classes: Mapping[str, str]) -> Constants:
    """The constants of a module that a change gives another value.

    Args:
        base: The module before.
        head: The module now.
        classes: By class of the head, that of the base which it was.
    """
    names = _changed(_values(base.top), _values(head.top))
    attributes: dict[tuple[str, str], cst.BaseExpression] = {}
    defaults = dict(_parameters(base, head, classes))
    for now, before in classes.items():
        was, own = _values(base.classes[before].body.body), _values(head.classes[now].body.body)
        other = _changed(was, own)
        if _has_fields(head.classes[now]):
            places = list(_fields(head.classes[now]))
            given = {name: (places.index(name), own[name], was[name]) for name in other if name in places}
            if given:
                defaults[now] = given
        attributes |= {(now, name): value for name, value in other.items()}
    return Constants(names=names, attributes=attributes, defaults=defaults)


def _changed(
    was: Mapping[str, cst.BaseExpression], now: Mapping[str, cst.BaseExpression]
) -> dict[str, cst.BaseExpression]:
    """Constants by what they come to: one that is made of a changed one is changed too."""
    changed = {name: was[name] for name in now if name in was and plain(was[name]) != plain(now[name])}
    waiting = True
    while waiting:
        more = {
            name: was[name]
            for name in now
            if name in was and name not in changed and names_in([now[name]]) & set(changed)
        }
        changed |= more
        waiting = bool(more)
    for name in changed:  # in the order of the file: what a value is made of stands above it
        value = Settled(Constants(names={k: v for k, v in changed.items() if k != name}), None)(changed[name])
        assert isinstance(value, cst.BaseExpression)
        changed[name] = value
    return changed


def _values(body: Iterable[cst.CSTNode]) -> dict[str, cst.BaseExpression]:
    found: dict[str, cst.BaseExpression] = {}
    for statement in body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign) and len(small.targets) == 1:
                target, value = small.targets[0].target, small.value
            elif isinstance(small, cst.AnnAssign) and small.value is not None:
                target, value = small.target, small.value
            else:
                continue
            if isinstance(target, cst.Name):
                found[target.value] = value
    return found


def _has_fields(node: cst.ClassDef) -> bool:
    decorators = (
        d.decorator.func if isinstance(d.decorator, cst.Call) else d.decorator for d in node.decorators
    )
    names = {code_of(each) for each in (*decorators, *(base.value for base in node.bases))}
    return bool(names & set(_DEFAULTS_OF))


def _fields(node: cst.ClassDef) -> Iterator[str]:
    for statement in node.body.body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
                yield small.target.value


def _parameters(
    base: Tree, head: Tree, classes: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, tuple[int, cst.BaseExpression, cst.BaseExpression]]]]:
    for name, function in head.functions.items():
        outer, dot, own = name.rpartition(".")
        was = base.functions.get(f"{classes.get(outer, outer)}{dot}{own}")
        if was is None:
            continue
        before = {p.name.value: p.default for p in _params(was.node)}
        positional = [
            p.name.value for p in (*function.node.params.posonly_params, *function.node.params.params)
        ]
        if function.owner is not None:
            positional = positional[1:]
        changed = {
            p.name.value: (
                positional.index(p.name.value) if p.name.value in positional else -1,
                p.default,
                before[p.name.value],
            )
            for p in _params(function.node)
            if p.default is not None and (old := before.get(p.name.value)) is not None
            if plain(p.default) != plain(old)
        }
        if changed:
            yield own, changed  # type: ignore[misc]  # none of the defaults is None here


def _params(node: cst.FunctionDef) -> Sequence[cst.Param]:
    return (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)


class Settled:
    """Puts the values of the base in the place of constants that the head has others of.

    Args:
        constants: Those.
        owner: The class that the code stands in; None for none.
    """

    def __init__(self, constants: Constants, owner: str | None) -> None:
        self.constants = constants
        self._owner = owner

    def __call__(self, node: cst.CSTNode) -> cst.CSTNode:
        """A piece of the base's code with these values in it."""
        changed = node.visit(_Settling(self.constants, self._owner))
        assert isinstance(changed, cst.CSTNode)
        return changed


class _Settling(cst.CSTTransformer):
    def __init__(self, constants: Constants, owner: str | None) -> None:
        super().__init__()
        self._constants = constants
        self._owner = owner

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        value = attribute_value(self._constants, original_node, self._owner)
        if value is not None:
            return value
        # The name after a dot is no constant, whatever it is called.
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self._constants.names.get(original_node.value, updated_node)


def attribute_value(
    constants: Constants, node: cst.Attribute, owner: str | None
) -> cst.BaseExpression | None:
    """The base's value of `self.NAME`, `cls.NAME` or `Class.NAME`; None where it is no changed constant."""
    if not isinstance(node.value, cst.Name):
        return None
    whose = owner if node.value.value in ("self", "cls") else node.value.value
    return constants.attributes.get((whose or "", node.attr.value))


def uses_of(
    constants: Constants, function: Function, *, file: str, lines: Mapping[cst.CSTNode, int]
) -> Iterator[Hunk]:
    """The places in a function of the head that go by what was changed.

    Args:
        constants: What was changed.
        function: The function.
        file: Its file.
        lines: By node, its line.
    """
    finder = _Uses(constants, function.owner.name.value if function.owner is not None else None)
    function.node.body.visit(finder)
    for node, old, about, rewrite, loops in finder.found:
        yield Hunk(
            kind=HunkKind.EXPRESSION,
            file=file,
            function=function.name,
            line=lines.get(node, lines.get(function.node, 1)),
            base=(old,),
            head=(node,),
            rewrite=rewrite,
            about=about,
            loops=loops,
        )


class _Uses(cst.CSTVisitor):
    """Finds them."""

    def __init__(self, constants: Constants, owner: str | None) -> None:
        super().__init__()
        self._constants = constants
        self._owner = owner
        self._loops = 0
        self._bare: set[cst.CSTNode] = set()
        """What stands between commas or parentheses of its own already."""
        self.found: list[tuple[cst.CSTNode, cst.BaseExpression, str, Rewrite | None, int]] = []

    def visit_For_body(self, node: cst.For) -> None:
        self._loops += 1

    def leave_For_body(self, node: cst.For) -> None:
        self._loops -= 1

    def visit_While(self, node: cst.While) -> None:
        self._loops += 1

    def leave_While(self, original_node: cst.While) -> None:
        self._loops -= 1

    def visit_FormattedStringExpression(self, node: cst.FormattedStringExpression) -> bool:
        return False  # a text in a text: its quotes cannot be the same before Python 3.12

    def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:
        return False

    def visit_Annotation(self, node: cst.Annotation) -> bool:
        return False

    def visit_Param(self, node: cst.Param) -> bool:
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        if isinstance(node.value, (cst.Name, cst.Attribute)):
            self._bare.add(node.value)
        node.value.visit(self)
        return False

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        value = attribute_value(self._constants, node, self._owner)
        if value is not None:
            self._note(node, value, node.attr.value)
        else:
            node.value.visit(self)
        return False

    def visit_Name(self, node: cst.Name) -> None:
        value = self._constants.names.get(node.value)
        if value is not None:
            self._note(node, value, node.value)

    def visit_Call(self, node: cst.Call) -> None:
        function = node.func
        name = function.attr if isinstance(function, cst.Attribute) else function
        given = self._constants.defaults.get(name.value) if isinstance(name, cst.Name) else None
        for param, (place, now, was) in (given or {}).items():
            if not _is_given(node, param, place):
                about = f"{param} {_short(now)}"
                self.found.append((node, was, about.strip(), _giving(param, now, was), self._loops))

    def _note(self, node: cst.CSTNode, value: cst.BaseExpression, name: str) -> None:
        rewrite = _either(value) if node in self._bare else None
        self.found.append((node, value, name, rewrite, self._loops))


def _either(was: cst.BaseExpression) -> Rewrite:
    """Both values, without parentheses around them."""

    def rewrite(node: cst.CSTNode, asked: cst.BaseExpression) -> cst.CSTNode:
        assert isinstance(node, cst.BaseExpression)
        return cst.IfExp(test=asked, body=node, orelse=was)

    return rewrite


def _is_given(call: cst.Call, param: str, place: int) -> bool:
    if any(each.star for each in call.args):
        return True
    positional = [each for each in call.args if each.keyword is None]
    return 0 <= place < len(positional) or any(
        each.keyword is not None and each.keyword.value == param for each in call.args
    )


def _giving(param: str, now: cst.BaseExpression, was: cst.BaseExpression) -> Rewrite:
    """Adds an argument with both defaults to a call."""

    def rewrite(node: cst.CSTNode, asked: cst.BaseExpression) -> cst.CSTNode:
        assert isinstance(node, cst.Call)
        value = cst.IfExp(test=asked, body=now, orelse=was)
        argument = cst.Arg(
            keyword=cst.Name(param),
            value=value,
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
        )
        args = list(node.args)
        if args and isinstance(args[-1].comma, cst.MaybeSentinel):
            args[-1] = args[-1].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        return node.with_changes(args=[*args, argument])

    return rewrite


def _short(node: cst.BaseExpression) -> str:
    text = code_of(node)
    return text if len(text) <= _SHORT and m.matches(node, m.Integer() | m.Float() | m.SimpleString()) else ""
