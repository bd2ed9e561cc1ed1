"""A piece of advice."""

from __future__ import annotations

from dataclasses import dataclass

from replaykit.verdict import SuggestionKind

__all__ = ["Suggestion"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A piece of advice; its text may hold lines of code, indented."""

    kind: SuggestionKind
    text: str
