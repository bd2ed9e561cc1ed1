"""From a type hint to its Shape: how values of that hint are made, whoever reads it.

A hint is a graph: a type may hold itself. Every node knows its height, the nesting that its smallest value
needs. Past a few levels only the lowest way on is taken, so that every value ends.
"""

from __future__ import annotations

import collections
import enum
import functools
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
from typing_extensions import NotRequired, ReadOnly, Required

from replaykit.errors import ValuesError
from replaykit.explore.values.choosers import Chooser, Drawn, Sampled, Simplest
from replaykit.explore.values.hints import ALIASES, UNIONS, alias_value, name_of, real, substituted
from replaykit.explore.values.limits import NO_LIMITS, Limits, Unsatisfiable, limits_of
from replaykit.explore.values.mentioned import Mentioned
from replaykit.explore.values.nodes import DEPTH, Node, fill_choice, fill_collection, fill_constants
from replaykit.explore.values.records import Record, record_of
from replaykit.explore.values.repairs import Make, Refused, accepted, mentioned_by
from replaykit.explore.values.scalars import SCALARS
from replaykit.explore.values.validated import by_schema, checked, is_described, refuses

__all__ = ["Shape", "as_strategy", "shape_of"]

_ANY = Union[None, bool, int, str, list[str], dict[str, int]]  # noqa: UP007  # a value, not an annotation
_LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection)
_COLLECTIONS: Mapping[Any, Callable[[list[Any]], Any]] = {
    **dict.fromkeys(_LISTS, list),
    **dict.fromkeys((set, abc.Set, abc.MutableSet), set),
    frozenset: frozenset,
    collections.deque: collections.deque,
}
_MAPPINGS = (dict, abc.Mapping, abc.MutableMapping, collections.OrderedDict)
_NEVER_SENT = (type, abc.Callable)
"""Hypothesis would make values of them, but no converter carries one."""


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


@dataclass(kw_only=True, slots=True)
class _Builder:
    types: Mapping[Any, Any]
    where: str
    nodes: dict[Any, Node] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    """Fields on the way to the hint being read, after the class that has the first."""

    def node(self, hint: Any, limits: Limits = NO_LIMITS) -> Node:
        """The node of a hint, made where it is new."""
        key = (hint if _is_hashable(hint) else id(hint), limits)
        if key not in self.nodes:
            node = self.nodes[key] = Node(hint=hint)
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
        inside = f" (field {'.'.join(self.trail)})" if self.trail else ""
        cure = f"Give one: Values(types={{{name}: ...}})"
        return ValuesError(f"{what}{inside}", where=self.where, cure=cure)

    def _fill(self, node: Node, limits: Limits) -> None:
        hint, origin = node.hint, get_origin(node.hint)
        kind = origin or hint
        if not _is_hashable(kind):
            raise self.refusal(hint)
        own = self.types.get(hint) if _is_hashable(hint) else None
        if _is_hashable(hint) and hint in self.types and not isinstance(own, Mentioned):
            node.make = _making(own)
        elif _is_hashable(hint) and hint in SCALARS:
            plain = SCALARS[hint](limits)
            scalar = own.beside(hint, limits, plain) if isinstance(own, Mentioned) else plain
            node.make = lambda chooser, _: scalar(chooser)
        elif is_described(hint):
            self._fill_described(node)
        elif origin is Annotated and refuses(hint):
            self._fill_checked(node, limits)
        elif origin in UNIONS:
            fill_choice(node, self._options(get_args(hint), limits))
        elif (others := _stands_for(hint, origin)) is not None:
            inside = limits_of(hint.__metadata__, limits) if origin is Annotated else limits
            fill_choice(node, [self.node(other, inside) for other in others])
        elif origin is Literal:
            fill_constants(node, get_args(hint))
        elif kind is tuple:
            self._fill_tuple(node, limits)
        elif kind in _COLLECTIONS:
            items = [self.node((*get_args(hint), Any)[0])]
            fill_collection(node, items, _COLLECTIONS[kind], limits.lengths(3))
        elif kind in _MAPPINGS:
            pair = [self.node(part) for part in (get_args(hint) or (str, Any))]
            fill_collection(node, pair, dict, limits.lengths(2))
        elif kind in _NEVER_SENT:
            raise self.refusal(hint)
        elif isinstance(kind, type):
            self._fill_class(node, kind)
        else:
            raise self.refusal(hint)

    def _fill_tuple(self, node: Node, limits: Limits) -> None:
        arguments = get_args(node.hint) or ((Any, ...) if get_origin(node.hint) is None else ())
        if arguments[1:] == (...,):
            fill_collection(node, [self.node(arguments[0])], tuple, limits.lengths(3))
            return
        parts = node.needs = [self.node(part) for part in arguments if part != ()]  # tuple[()] on 3.10
        node.make = lambda chooser, depth: tuple(part.make(chooser, depth + 1) for part in parts)

    def _fill_class(self, node: Node, cls: type) -> None:
        if issubclass(cls, enum.Enum) and len(cls):
            fill_constants(node, tuple(cls))
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

    def _options(self, hints: Sequence[Any], limits: Limits) -> list[Node]:
        """The nodes of a union; without what has no strategy, as long as anything but None is left."""
        found, lost = [], None
        for hint in hints:
            try:
                found.append(self._tried(hint, limits))
            except ValuesError as error:
                lost = error
        if lost is not None and all(node.hint is type(None) for node in found):
            raise lost
        return found

    def _tried(self, hint: Any, limits: Limits = NO_LIMITS) -> Node:
        """The node of a hint; without a trace where there is no strategy for it."""
        known = dict(self.nodes)
        try:
            return self.node(hint, limits)
        except ValuesError:
            self.nodes.clear()
            self.nodes.update(known)
            raise

    def _fill_described(self, node: Node) -> None:
        make = by_schema(node.hint)
        if make is None:
            raise self.refusal(node.hint)
        node.make = lambda chooser, _: make(chooser)

    def _fill_checked(self, node: Node, limits: Limits) -> None:
        try:
            inner = self._tried(get_args(node.hint)[0], limits_of(node.hint.__metadata__, limits))
        except ValuesError:
            self._fill_described(node)
            return
        node.needs = [inner]
        node.make = checked(node.hint, lambda chooser, depth: inner.make(chooser, depth))

    def _fill_record(self, node: Node, record: Record) -> None:
        parts = self._parts(node, record)
        optional = {entry.name for entry in record.fields if entry.may_be_left_out}
        node.needs = [part for name, part in parts.items() if name not in optional]
        makes = {name: part.begin_at for name, part in parts.items()}

        @functools.cache
        def others(around: bool) -> Mapping[str, Make]:
            return self._bent(node, record, around)

        def make(chooser: Chooser, depth: int) -> Any:
            try:
                return accepted(record, makes, optional, others, chooser, depth, DEPTH)
            except Refused as error:
                what = f"{name_of(node.hint)} refuses what is made for its fields, {error}"
                raise self.refusal(node.hint, what) from error

        node.make = make

    def _parts(self, node: Node, record: Record) -> dict[str, Node]:
        """The nodes of its fields; without those that have no strategy and may be left out."""
        parts: dict[str, Node] = {}
        for entry in record.fields:
            trail = self.trail
            self.trail = [*(trail or [name_of(node.hint)]), entry.name]
            try:
                parts[entry.name] = self._tried(entry.hint)
            except ValuesError:
                if not entry.may_be_left_out:
                    raise
            finally:
                self.trail = trail
        return parts

    def _bent(self, node: Node, record: Record, around: bool) -> Mapping[str, Make]:
        """What makes its fields by what the class mentions, or its module."""
        types = {hint: value for hint, value in self.types.items() if not isinstance(value, Mentioned)}
        mentioned = mentioned_by(get_origin(node.hint) or node.hint, around=around)
        builder = _Builder(types={**mentioned, **types}, where=self.where)
        parts = builder._parts(node, record)
        builder.measure()
        return {name: part.begin_at for name, part in parts.items()}


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
    if origin in (Annotated, Required, NotRequired, ReadOnly):
        return get_args(hint)[:1]
    if isinstance(hint, NewType):
        return (hint.__supertype__,)
    if isinstance(hint, TypeVar):
        return hint.__constraints__ or (Any if hint.__bound__ is None else hint.__bound__,)
    if isinstance(hint, ALIASES):
        return (Any,) if (hint.__module__ or "").startswith("pydantic") else (alias_value(hint),)
    if isinstance(origin, ALIASES):
        return (
            substituted(origin.__value__, dict(zip(origin.__type_params__, get_args(hint), strict=True))),
        )
    return get_args(_ANY) if hint in (Any, object) else None
