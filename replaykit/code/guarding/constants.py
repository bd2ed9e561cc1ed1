"""Constants whose value a change alters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from replaykit.code.guarding.formatted import with_texts_in
from replaykit.code.guarding.texts import code_of, names_in, plain
from replaykit.code.guarding.tree import Tree, entry_of

__all__ = ["Constants", "Settled", "attribute_value", "changed_constants", "changed_defaults"]

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
    defaults: dict[str, Mapping[str, tuple[int, cst.BaseExpression, cst.BaseExpression]]] = {}
    for now, before in classes.items():
        was, own = _values(base.classes[before].body.body), _values(head.classes[now].body.body)
        other = _changed(was, own)
        if _has_fields(head.classes[now]):
            places = list(_fields(head.classes[now]))
            given = {name: (places.index(name), own[name], was[name]) for name in other if name in places}
            if given:
                defaults[now] = given
        attributes |= {(now, name): value for name, value in other.items()}
    values = Constants(names=names, attributes=attributes)
    return replace(values, defaults={**dict(_parameters(base, head, classes, values)), **defaults})


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
    base: Tree, head: Tree, classes: Mapping[str, str], values: Constants
) -> Iterator[tuple[str, Mapping[str, tuple[int, cst.BaseExpression, cst.BaseExpression]]]]:
    for name, function in head.functions.items():
        outer, dot, own = name.rpartition(".")
        was = base.functions.get(f"{classes.get(outer, outer)}{dot}{own}")
        if was is None or entry_of(function.node) is not None:
            continue  # who calls an entry is not in these files
        positional = [
            p.name.value for p in (*function.node.params.posonly_params, *function.node.params.params)
        ]
        settled = Settled(values, function.owner.name.value if function.owner is not None else None)
        if function.owner is not None:
            positional = positional[1:]
        changed = {
            name: (positional.index(name) if name in positional else -1, now, before)
            for name, now, before in changed_defaults(was.node, function.node, settled)
        }
        if changed:
            yield own, changed


def changed_defaults(
    was: cst.FunctionDef, now: cst.FunctionDef, settled: Settled
) -> Iterator[tuple[str, cst.BaseExpression, cst.BaseExpression]]:
    """The parameters of a function that have another default: name, new and old default.

    Args:
        was: The function of the base.
        now: It in the head.
        settled: Puts the base's values of constants in.
    """
    before = {each.name.value: each.default for each in _params(was)}
    for param in _params(now):
        default = before.get(param.name.value)
        if param.default is None or default is None:
            continue
        old = settled(default)
        if isinstance(old, cst.BaseExpression) and plain(param.default) != plain(old):
            yield param.name.value, param.default, old


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

    def leave_FormattedString(
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        if plain(original_node) == plain(updated_node):
            return updated_node
        return with_texts_in(updated_node) or original_node

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
