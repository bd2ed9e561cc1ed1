"""One hint in the graph of hints, and how it is filled where its values have no names of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from replaykit.explore.values.choosers import Chooser, pick
from replaykit.explore.values.repairs import Make, again

__all__ = ["DEPTH", "Node", "fill_choice", "fill_collection", "fill_constants"]

DEPTH = 3
"""Levels of nesting below which collections stay as short, and unions as low, as they can be."""
_TRIES = 40
"""How often another item is made for a set that is too small."""


@dataclass(kw_only=True, slots=True, eq=False)
class Node:
    """One hint of the graph; filled after it is known, because a type may hold itself."""

    hint: Any
    make: Make = lambda _chooser, _depth: None
    needs: Sequence[Node] = ()
    """Nodes of which a value needs one each."""
    choices: list[Node] = field(default_factory=list)
    """Nodes of which a value needs any one, the lowest first."""
    lowest: list[Node] = field(default_factory=list)
    """Those that are as low as any."""
    height: float = inf
    """The nesting that its smallest value needs."""

    def begin(self, chooser: Chooser) -> Any:
        return self.make(chooser, 0)

    def begin_at(self, chooser: Chooser, depth: int) -> Any:
        return self.make(chooser, depth)

    def measured(self) -> float:
        if self.choices:
            return 1 + min(node.height for node in self.choices)
        return 1 + max((node.height for node in self.needs), default=-1)


def fill_choice(node: Node, choices: list[Node]) -> None:
    node.choices = choices
    node.make = lambda chooser, depth: pick(chooser, node.choices if depth < DEPTH else node.lowest).make(
        chooser, depth
    )


def fill_constants(node: Node, constants: Sequence[Any]) -> None:
    node.make = lambda chooser, _: pick(chooser, constants)


def fill_collection(
    node: Node, parts: Sequence[Node], collect: Callable[[list[Any]], Any], lengths: tuple[int, int]
) -> None:
    """A collection of items, which are pairs where an item has two parts."""
    shortest, longest = lengths
    node.needs = parts if shortest else ()

    def item(chooser: Chooser, depth: int) -> Any:
        made = [part.make(chooser, depth + 1) for part in parts]
        return made[0] if len(made) == 1 else tuple(made)

    def make(chooser: Chooser, depth: int) -> Any:
        length = chooser.integer(shortest, longest) if depth < DEPTH else shortest
        items = [item(chooser, depth) for _ in range(length)]
        if len(collect(items)) < shortest:  # of a set, equal items are one
            other = again(chooser)
            for _ in range(_TRIES):
                items.append(item(other, depth))
                if len(collect(items)) >= shortest:
                    break
        return collect(items)

    node.make = make
