"""How much a drift matters, and which of them a project has chosen to leave out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from replaykit.config import PRESETS
from replaykit.verdict import Severity

__all__ = ["is_ignored", "preset_of", "severity_of"]

_COSMETIC = (
    "*.summary",
    "*.static_details",
    "*.headers",
    "*.reason",
    "event_groups",
    "workflow.failure*.message",
    "update.failure*.message",
)
"""Read by people, or by their nature another value in each run: nothing acts upon them."""


def severity_of(field: str) -> Severity:
    """What runs differently because of the drift, or only reads differently."""
    return Severity.COSMETIC if is_ignored(field, _COSMETIC) else Severity.BEHAVIOURAL


def is_ignored(field: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern covers a field.

    `*` stands for anything. `activity.arguments` covers what lies inside it too, such as
    `activity.arguments[0].amount`.
    """
    return any(_matcher(pattern).fullmatch(field) for pattern in patterns)


def preset_of(field: str, presets: Iterable[str]) -> str | None:
    """The first of the named presets that covers a field; None where none does."""
    return next((name for name in presets if _preset_matcher(name).fullmatch(field)), None)


@lru_cache
def _preset_matcher(name: str) -> re.Pattern[str]:
    fields = (re.escape(each).replace(r"\[\*\]", r"\[\d+\]") for each in PRESETS[name])
    return re.compile(rf"(?:{'|'.join(fields)})(?:[.\[].*)?", re.DOTALL)


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> re.Pattern[str]:
    # Not fnmatch: there `[0]` is a set of characters.
    text = re.escape(pattern).replace(r"\*", ".*")
    return re.compile(rf"{text}(?:[.\[].*)?", re.DOTALL)
