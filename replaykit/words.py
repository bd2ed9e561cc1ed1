"""Fixed words of replaykit's answers, each with what it means, which `replaykit help` prints."""

from __future__ import annotations

import enum

__all__ = ["Word"]


class Word(str, enum.Enum):
    """One of a fixed set of words.

    A member is written as the word, what it means, and what to do about it where something can be done.
    """

    _value_: str
    meaning: str
    """One sentence or two."""
    cure: str | None
    """What to do about it; None for nothing."""

    def __new__(cls, value: str, meaning: str = "", cure: str | None = None) -> Word:
        word = str.__new__(cls, value)
        word._value_ = value
        word.meaning = meaning
        word.cure = cure
        return word

    def __str__(self) -> str:
        return self._value_
