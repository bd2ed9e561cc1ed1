"""Texts and numbers that the user's own source mentions: worth trying where they keep to the limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from replaykit.explore.values.choosers import Chooser, pick
from replaykit.explore.values.limits import Limits
from replaykit.explore.values.scalars import SCALARS, MakeScalar

__all__ = ["Mentioned"]

_LONGEST_TEXT = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Mentioned:
    """What is tried now and then for a type, among values made without it."""

    constants: Sequence[Any]
    bent: bool = False
    """Whether they are tried mostly, and more that is made of them: texts that begin so, or are so long."""

    def beside(self, hint: Any, limits: Limits, plain: MakeScalar) -> MakeScalar:
        """What makes values of a hint, these among them.

        Args:
            hint: `str` or `int`.
            limits: What a value keeps to.
            plain: What makes the others.
        """
        fitting = [constant for constant in self.constants if type(constant) is hint]
        fitting = [constant for constant in fitting if limits.admit(constant)]
        bends: list[MakeScalar] = [lambda chooser: pick(chooser, fitting)] if fitting else []
        if self.bent and hint is str:
            bends += _texts([word for word in self.constants if isinstance(word, str)], plain)
            bends += _lengths([count for count in self.constants if isinstance(count, int)])
        if not bends:
            return plain
        last = 3 if self.bent else 2

        def make(chooser: Chooser) -> Any:
            mentioned = chooser.integer(0, last) >= (1 if self.bent else 2)
            return pick(chooser, bends)(chooser) if mentioned else plain(chooser)

        return make


def _texts(words: Sequence[str], plain: MakeScalar) -> Sequence[MakeScalar]:
    if not words:
        return ()
    return (
        lambda chooser: pick(chooser, words) + plain(chooser),
        lambda chooser: plain(chooser) + pick(chooser, words),
        lambda chooser: plain(chooser) + pick(chooser, words) + plain(chooser),
    )


def _lengths(counts: Sequence[int]) -> Sequence[MakeScalar]:
    """Texts that are as long as a number says, in small and capital letters and digits."""
    makes = [
        SCALARS[str](Limits(min_length=count, max_length=count))
        for count in counts
        if 0 < count <= _LONGEST_TEXT
    ]
    if not makes:
        return ()

    def bent(change: Callable[[str], str]) -> MakeScalar:
        return lambda chooser: change(pick(chooser, makes)(chooser))

    return bent(str), bent(str.upper), bent(_digits)


def _digits(text: str) -> str:
    return "".join(str(ord(letter) % 10) for letter in text)
