"""What a fixture can be kept for: the words of `requires`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["REQUIREMENTS", "Requirement", "parse_requirement"]

REQUIREMENTS: Mapping[str, str] = {
    "workflow:TYPE": "a run of that workflow",
    "open:TYPE": "a run of that workflow that has not ended",
    "ending:STATUS": "a run that ended so: COMPLETED, FAILED, CANCELED, TERMINATED, TIMED_OUT or "
    "CONTINUED_AS_NEW",
    "patch:ID": "a run that carries the marker of that patch",
    "pre-patch:ID": "a run that went past the call of that patch without its marker, on the old branch",
}
"""Each form, and what a fixture that meets it shows."""
_STATUSES = ("COMPLETED", "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT", "CONTINUED_AS_NEW")


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """One of them."""

    kind: str
    """`workflow`, `open`, `ending`, `patch` or `pre-patch`."""
    subject: str
    """The type, the status or the id."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


def parse_requirement(text: str) -> Requirement:
    """Read one.

    Args:
        text: Such as `pre-patch:validate`.

    Raises:
        ValueError: It is none; the message has the cure.
    """
    kind, colon, subject = text.partition(":")
    kinds = [form.partition(":")[0] for form in REQUIREMENTS]
    if not colon or not subject or kind not in kinds:
        close = difflib.get_close_matches(kind, kinds, n=1)
        hint = f"Did you mean {close[0]}:{subject or '...'}?" if close and close[0] != kind else ""
        raise ValueError(hint or f"Write one of {', '.join(REQUIREMENTS)}.")
    if kind == "ending" and subject not in _STATUSES:
        raise ValueError(f"A status is one of {', '.join(_STATUSES)}.")
    return Requirement(kind=kind, subject=subject)
