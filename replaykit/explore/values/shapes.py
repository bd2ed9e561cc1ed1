"""From a type hint to its Shape: how values of that hint are made, whoever reads it.

A hint is a graph: a type may hold itself. Every node knows its height, the nesting that its smallest value
needs. Past a few levels only the lowest way on is taken, so that every value ends.
"""

from __future__ import annotations

import collections
import enum
import random
import sys
from collections import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Annotated, Any, Literal, NewType, TypeVar, Union, get_args, get_origin

from google.protobuf.message import Message
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from typing_extensions import NotRequired, ReadOnly, Required, TypeAliasType

from replaykit.errors import ValuesError
from replaykit.explore.values.choosers import Chooser, Drawn, Sampled, Simplest, pick
from replaykit.explore.values.hints import UNIONS, name_of, real, substituted
from replaykit.explore.values.records import Record, record_of
from replaykit.explore.values.scalars import NO_LIMITS, SCALARS, Limits, Unsatisfiable, limits_of

__all__ = ["Shape", "as_strategy", "shape_of"]

_DEPTH = 3
"""Levels of nesting below which collections stay as short, and unions as low, as they can be."""
_TRIES = 20
"""How often a class may refuse the values that it is given."""
_ANY = Union[None, bool, int, str, list[str], dict[str, int]]  # noqa: UP007  # a value, not an annotation
_LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection)
_COLLECTIONS: Mapping[Any, Callable[[list[Any]], Any]] = {
    **dict.fromkeys(_LISTS, list),
    **dict.fromkeys((set, abc.Set, abc.MutableSet), set),
    frozenset: frozenset,
    collections.deque: collections.deque,
}
_MAPPINGS = (dict, abc.Mapping, abc.MutableMapping, collections.OrderedDict)

Make = Callable[[Chooser, int], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How the values of one place are made."""

    where: str
    """The place, as an error names it."""
    hints: tuple[Any, ...]
    """The hints that its values travel under: one, or one for each argument."""
    make: Callable[[Chooser], Any]
    parts: tuple[Shape, ...] = ()
    """What its values are made of, the innermost first."""
    arguments: bool = False
    """Whether its values are tuples of positional arguments."""

    def strategy(self) -> SearchStrategy[Any]:
        """A strategy for Hypothesis; it shrinks towards `simplest()`."""
        return _drawn(self.make)

    def sample(self, rng: random.Random) -> Any:
        """A value without Hypothesis' engine: thousands in a second, the same for the same seed.

        Values of an override are shared between samples: don't change them.
        """
        return self.make(Sampled(rng))

    def simplest(self) -> Any:
        """The smallest value: 0, the empty text, the first member."""
        return self.make(Simplest())


@st.composite
def _drawn(draw: DrawFn, make: Callable[[Chooser], Any]) -> Any:
    return make(Drawn(draw))


def as_strategy(value: Any) -> SearchStrategy[Any]:
    """What a user gave for a value: a strategy as it is, anything else as the only value."""
    return value if isinstance(value, SearchStrategy) else st.just(value)


def shape_of(hint: Any, *, types: Mapping[Any, Any] | None = None, where: str = "value") -> Shape:
    """The shape of a hint.

    Args:
        hint: Any type hint; a class may be a sandboxed copy.
        types: Strategies, plain values or shapes by hint, which go before what replaykit would make.
        where: The place, for errors.

    Raises:
        ValuesError: There is no strategy for the hint, or for one inside it.
    """
    builder = _Builder(types=types or {}, where=where)
    root = builder.node(real(hint))
    builder.measure()
    parts = tuple(
        Shape(where=where, hints=(node.hint,), make=node.begin) for node in reversed(builder.nodes.values())
    )
    return Shape(where=where, hints=(root.hint,), make=root.begin, parts=parts)


@dataclass(kw_only=True, slots=True, eq=False)
class _Node:
    """One hint of the graph; filled after it is known, because a type may hold itself."""

    hint: Any
    make: Make = lambda _chooser, _depth: None
    needs: Sequence[_Node] = ()
    """Nodes of which a value needs one each."""
    choices: list[_Node] = field(default_factory=list)
    """Nodes of which a value needs any one, the lowest first."""
    lowest: list[_Node] = field(default_factory=list)
    """Those that are as low as any."""
    height: float = inf
    """The nesting that its smallest value needs."""

    def begin(self, chooser: Chooser) -> Any:
        return self.make(chooser, 0)

    def measured(self) -> float:
        if self.choices:
            return 1 + min(node.height for node in self.choices)
        return 1 + max((node.height for node in self.needs), default=-1)


@dataclass(kw_only=True, slots=True)
class _Builder:
    types: Mapping[Any, Any]
    where: str
    nodes: dict[Any, _Node] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    """Fields on the way to the hint being read."""

    def node(self, hint: Any, limits: Limits = NO_LIMITS) -> _Node:
        """The node of a hint, made where it is new."""
        key = (hint if _is_hashable(hint) else id(hint), limits)
        if key not in self.nodes:
            node = self.nodes[key] = _Node(hint=hint)
            try:
                self._fill(node, limits)
            except Unsatisfiable as error:
                raise self.refusal(hint, f"no strategy for type {name_of(hint)}: {error}") from error
        return self.nodes[key]

    def measure(self) -> None:
        """Give each node its height: the least that fits, whichever way the graph runs in circles.

        Raises:
            ValuesError: One has none.
        """
        changed = True
        while changed:
            changed = False
            for node in self.nodes.values():
                height = node.measured()
                changed = changed or height != node.height
                node.height = height
        for node in self.nodes.values():
            node.choices.sort(key=lambda choice: (choice.height, choice.hint is not type(None)))
            node.lowest = [choice for choice in node.choices if choice.height == node.choices[0].height]
            if node.height == inf:
                raise self.refusal(
                    node.hint, f"a value of {name_of(node.hint)} would never end: it holds itself"
                )

    def refusal(self, hint: Any, what: str | None = None) -> ValuesError:
        """The error that names the place, the hint and the cure."""
        name = name_of(hint)
        what = what or f"no strategy for type {name}"
        inside = f" (field {self.trail[-1]})" if self.trail else ""
        cure = f"Give one: Values(types={{{name}: ...}})"
        return ValuesError(f"{what}{inside}", where=self.where, cure=cure)

    def _fill(self, node: _Node, limits: Limits) -> None:
        hint, origin = node.hint, get_origin(node.hint)
        kind = origin or hint
        if not _is_hashable(kind):
            raise self.refusal(hint)
        if _is_hashable(hint) and hint in self.types:
            node.make = _making(self.types[hint])
        elif _is_hashable(hint) and hint in SCALARS:
            scalar = SCALARS[hint](limits)
            node.make = lambda chooser, _: scalar(chooser)
        elif (others := _stands_for(hint, origin)) is not None:
            inside = limits_of(hint.__metadata__, limits) if origin is Annotated else limits
            _fill_choice(node, [self.node(other, inside) for other in others])
        elif origin is Literal:
            _fill_constants(node, get_args(hint))
        elif kind is tuple:
            self._fill_tuple(node, limits)
        elif kind in _COLLECTIONS:
            items = [self.node((*get_args(hint), Any)[0])]
            _fill_collection(node, items, _COLLECTIONS[kind], limits.lengths(3))
        elif kind in _MAPPINGS:
            pair = [self.node(part) for part in (get_args(hint) or (str, Any))]
            _fill_collection(node, pair, dict, limits.lengths(2))
        elif isinstance(kind, type):
            self._fill_class(node, kind)
        else:
            raise self.refusal(hint)

    def _fill_tuple(self, node: _Node, limits: Limits) -> None:
        arguments = get_args(node.hint) or ((Any, ...) if get_origin(node.hint) is None else ())
        if arguments[1:] == (...,):
            _fill_collection(node, [self.node(arguments[0])], tuple, limits.lengths(3))
            return
        parts = node.needs = [self.node(part) for part in arguments if part != ()]  # tuple[()] on 3.10
        node.make = lambda chooser, depth: tuple(part.make(chooser, depth + 1) for part in parts)

    def _fill_class(self, node: _Node, cls: type) -> None:
        if issubclass(cls, enum.Enum) and len(cls):
            _fill_constants(node, tuple(cls))
        elif issubclass(cls, Message):
            node.make = lambda _chooser, _depth: cls()
        elif (record := record_of(node.hint, where=self.where)) is not None:
            self._fill_record(node, record)
        elif cls.__module__.partition(".")[0] in sys.stdlib_module_names:
            # Not for a class of the user's: Hypothesis would call it, whatever that does.
            strategy = st.from_type(node.hint)
            try:
                Simplest().given(strategy)
            except ValuesError as error:
                raise self.refusal(node.hint) from error
            node.make = lambda chooser, _: chooser.given(strategy)
        else:
            raise self.refusal(node.hint)

    def _fill_record(self, node: _Node, record: Record) -> None:
        parts: dict[str, _Node] = {}
        for entry in record.fields:
            self.trail.append(f"{name_of(node.hint)}.{entry.name}")
            parts[entry.name] = self.node(entry.hint)
            self.trail.pop()
        optional = {entry.name for entry in record.fields if entry.may_be_left_out}
        node.needs = [part for name, part in parts.items() if name not in optional]

        def make(chooser: Chooser, depth: int) -> Any:
            for _ in range(_TRIES):
                values = {
                    name: part.make(chooser, depth + 1)
                    for name, part in parts.items()
                    if name not in optional or (depth < _DEPTH and chooser.integer(0, 1))
                }
                try:
                    return record.build(values)
                except (TypeError, ValueError, AssertionError) as error:
                    refused = error
            what = f"{name_of(node.hint)} refuses what is made for its fields, such as {values!r}: {refused}"
            raise self.refusal(node.hint, what) from refused

        node.make = make


def _making(value: Any) -> Make:
    """How an override makes a value: another shape, or what a user gave."""
    if isinstance(value, Shape):
        return lambda chooser, _: value.make(chooser)
    strategy = as_strategy(value)
    return lambda chooser, _: chooser.given(strategy)


def _is_hashable(hint: Any) -> bool:
    try:
        hash(hint)
    except TypeError:
        return False
    return True


def _stands_for(hint: Any, origin: Any) -> Sequence[Any] | None:
    """The hints of which a value may be any, where the hint is but another name for them."""
    if origin in UNIONS:
        return get_args(hint)
    if origin in (Annotated, Required, NotRequired, ReadOnly):
        return get_args(hint)[:1]
    if isinstance(hint, NewType):
        return (hint.__supertype__,)
    if isinstance(hint, TypeVar):
        return hint.__constraints__ or (Any if hint.__bound__ is None else hint.__bound__,)
    if isinstance(hint, TypeAliasType):
        return (hint.__value__,)
    if isinstance(origin, TypeAliasType):
        return (
            substituted(origin.__value__, dict(zip(origin.__type_params__, get_args(hint), strict=True))),
        )
    return get_args(_ANY) if hint in (Any, object) else None


def _fill_choice(node: _Node, choices: list[_Node]) -> None:
    node.choices = choices
    node.make = lambda chooser, depth: pick(chooser, node.choices if depth < _DEPTH else node.lowest).make(
        chooser, depth
    )


def _fill_constants(node: _Node, constants: Sequence[Any]) -> None:
    node.make = lambda chooser, _: pick(chooser, constants)


def _fill_collection(
    node: _Node, parts: Sequence[_Node], collect: Callable[[list[Any]], Any], lengths: tuple[int, int]
) -> None:
    """A collection of items, which are pairs where an item has two parts."""
    shortest, longest = lengths
    node.needs = parts if shortest else ()

    def item(chooser: Chooser, depth: int) -> Any:
        made = [part.make(chooser, depth + 1) for part in parts]
        return made[0] if len(made) == 1 else tuple(made)

    def make(chooser: Chooser, depth: int) -> Any:
        length = chooser.integer(shortest, longest) if depth < _DEPTH else shortest
        items = [item(chooser, depth) for _ in range(length)]
        for _ in range(_TRIES):  # of a set, equal items are one
            if len(collect(items)) >= shortest:
                break
            items.append(item(chooser, depth))
        return collect(items)

    node.make = make
