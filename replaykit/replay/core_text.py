"""Reads Core's failure texts. Pure: text in, values out.

Core reports a failed replay as a Rust debug dump around one sentence. The sentences are not an API, so
everything here falls back to the text itself where a form is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["CoreText", "read_core_text"]

_MESSAGE = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_STACK = re.compile(r'stack_trace: "((?:[^"\\]|\\.)*)"')
_EVENT = re.compile(r"(?:event )?HistoryEvent ?(?:\(id: (\d+), (\w+)\)|\{ event_id: (\d+).*)")
_TRANSITION = re.compile(
    r"in state \w+ says the transition is invalid during event EventInfo \{ event_id: (\d+)"
)
_PREFIX = "[TMPRL1100] Nondeterminism error: "
_PATCH = re.compile(r"patch marker encountered for change (?P<patch>\S+?),")


@dataclass(frozen=True, kw_only=True, slots=True)
class CoreText:
    """What one failure text is about."""

    sentence: str
    """Core's sentence without the dump around it, on one line."""
    event_id: int | None = None
    event_name: str | None = None
    """CamelCase name of that event, such as `ActivityTaskScheduled`."""
    patch: str | None = None
    """Patch id, where the sentence is about a patch marker."""
    refused_transition: int | None = None
    """Id of the event that a state machine of Core could not take: a divergence, or a damaged History."""
    stack: str = ""
    """The first Python stack trace in the dump."""


def read_core_text(raw: str) -> CoreText:
    """Read a failure text of Core.

    Args:
        raw: `str()` of the exception that the SDK's Replayer gave.
    """
    sentence = next((_unescaped(message) for message in _MESSAGE.findall(raw) if message), raw)
    body = sentence.removeprefix(_PREFIX)
    event = _EVENT.search(body)
    patch = _PATCH.search(body)
    transition = _TRANSITION.search(body)
    return CoreText(
        sentence=" ".join(_EVENT.sub(_named, body).split()),
        event_id=int(event.group(1) or event.group(3)) if event else None,
        event_name=event.group(2) if event else None,
        refused_transition=int(transition.group(1)) if transition else None,
        patch=patch.group("patch") if patch else None,
        stack=next((_unescaped(stack) for stack in _STACK.findall(raw) if stack), ""),
    )


def _named(event: re.Match[str]) -> str:
    return f"event {event.group(1)} ({event.group(2)})" if event.group(1) else f"event {event.group(3)}"


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\'", "'").replace("\\n", "\n").replace("\\\\", "\\")
