"""Why a History is replayed again, in words."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["words_of_changes"]

_SHOWN = 3
"""Changes that are named."""


def words_of_changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What differs between what a Verdict depended on and what it would depend on now.

    Args:
        before: By kind and name, as `Parts` has it.
        now: The same of now.
    """
    names = sorted(
        (name for name in {*before, *now} if before.get(name) != now.get(name)), key=lambda name: _rank(name)
    )
    texts = [_change(name, before.get(name), now.get(name)) for name in names]
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return f"{', '.join(texts[:_SHOWN])}{more}"


def _rank(name: str) -> tuple[bool, str]:
    """What somebody did to the code comes first: what follows from it comes with it."""
    return not name.startswith(("file ", "read ", "package ")), name


def _change(name: str, before: str | None, now: str | None) -> str:
    kind, _, rest = name.partition(" ")
    if kind == "package":
        return _of_package(rest, before, now)
    if kind in ("file", "link"):
        return f"{rest} {_became(before, now)}"
    if kind == "read":
        return f"{rest}, which the code opens, {_became(before, now)}"
    if kind == "setting":
        return f"{rest} of the configuration changed"
    if kind == "variable":
        return f"environment variable {rest} changed"
    return f"{name} changed"


def _became(before: str | None, now: str | None) -> str:
    if before in (None, "not there"):
        return "is new"
    return "is gone" if now in (None, "not there") else "changed"


def _of_package(name: str, before: str | None, now: str | None) -> str:
    old, new = ((text or "").partition(" ")[0] for text in (before, now))
    if before is None:
        return f"{name} {new} is new"
    if now is None:
        return f"{name} {old} is gone"
    return f"{name} {old} -> {new}" if old != new else f"{name} {new} was installed again"
