"""Reads Core's failure texts. Pure: text in, values out.

Core reports a failed replay as a Rust debug dump around one sentence. The sentences are not an API, so
everything here falls back to the text itself where a form is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["CoreText", "read_core_text"]

_MESSAGE = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_EVENT = re.compile(r"HistoryEvent\s*[({]\s*(?:event_)?id: (\d+)(?:, (?:event_type: )?(\w+))?")
_PREFIX = "[TMPRL1100] Nondeterminism error: "
_NAMES = re.compile(
    r"of scheduled event '(?P<recorded>[^']*)' does not match .* command '(?P<produced>[^']*)'"
)
_PATCH = re.compile(r"patch marker encountered for change (?P<patch>\S+?),")
_EVENT_TAIL = re.compile(r"HistoryEvent\s*\((?:id: )(\d+), (\w+)\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class CoreText:
    """What one failure text says."""

    sentence: str
    """Core's sentence without the dump around it, on one line."""
    event_id: int | None = None
    event_name: str | None = None
    """CamelCase name of that event, such as `ActivityTaskScheduled`."""
    patch: str | None = None
    """Patch id, where the sentence is about a patch marker."""


def read_core_text(raw: str) -> CoreText:
    """Read a failure text of Core.

    Args:
        raw: `str()` of the exception that the SDK's Replayer gave.
    """
    messages = [_unescaped(match) for match in _MESSAGE.findall(raw) if match]
    sentence = messages[0] if messages else raw
    body = sentence.removeprefix(_PREFIX)
    event = _EVENT.search(body) or _EVENT.search(raw)
    patch = _PATCH.search(body)
    body = _EVENT_TAIL.sub(r"event \1 (\2)", body)
    body = re.sub(r"HistoryEvent \{.*", lambda m: f"event {event.group(1)}" if event else "", body)
    return CoreText(
        sentence=" ".join(body.split()).rstrip(": "),
        event_id=int(event.group(1)) if event else None,
        event_name=event.group(2) if event else None,
        patch=patch.group("patch") if patch else None,
    )


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\'", "'").replace("\\n", "\n").replace("\\\\", "\\")
