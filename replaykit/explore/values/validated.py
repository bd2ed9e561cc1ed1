"""Hints whose values pydantic has the last word on."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

from replaykit.explore.values.choosers import Chooser, Simplest
from replaykit.explore.values.records import travels
from replaykit.explore.values.repairs import again
from replaykit.explore.values.scalars import SCALARS
from replaykit.explore.values.schemas import adapter_of, described, guessed

__all__ = ["by_schema", "checked", "is_described", "refuses"]

_TRIES = 40
_ACCEPTING = frozenset({
    "PlainSerializer", "WrapSerializer", "SkipValidation", "SerializeAsAny", "Discriminator", "Tag", "Strict",
    "FailFast", "WithJsonSchema", "FieldInfo",
})  # fmt: skip
"""Metadata of pydantic that refuses no value."""


def is_described(hint: Any) -> bool:
    """Whether a class has no fields to make a value of, but a schema: a URL, a secret, a user's own type."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    cls = get_origin(hint) or hint
    if not isinstance(cls, type) or hasattr(cls, "__pydantic_fields__") or hasattr(cls, "model_fields"):
        return False
    return hasattr(cls, "__get_pydantic_core_schema__") or cls.__module__.partition(".")[0] in (
        "pydantic",
        "pydantic_core",
    )


def refuses(hint: Any) -> bool:
    """Whether the metadata of an `Annotated` hint may refuse what its limits admit."""
    return any(
        (hasattr(part, "__get_pydantic_core_schema__") or type(part).__name__ == "Predicate")
        and type(part).__name__ not in _ACCEPTING
        for part in hint.__metadata__
    )


def by_schema(hint: Any) -> Callable[[Chooser], Any] | None:
    """What makes values by the schema of a hint; None where nothing that is made so is accepted."""
    adapter = adapter_of(hint)
    if adapter is None:
        return None
    whole = described(adapter)
    data = guessed(adapter, _plain_base(hint)) if whole is None else whole.data
    if data is None:
        return None

    def make(chooser: Chooser) -> Any:
        by: Chooser = chooser
        for attempt in range(_TRIES):
            made = data(by)
            try:
                value = adapter.validate_json(json.dumps(made))
            except Exception:  # whatever a validator of the user's raises
                by = by if attempt else again(chooser)
            else:
                # A secret is written as stars, which a limit may refuse.
                return value if travels(adapter, value) else made
        return made

    return make if _accepts(adapter, make(Simplest())) else None


def _plain_base(hint: Any) -> Any:
    """The type without parts that a user's class is one of, such as `UUID`."""
    cls = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return next((base for base in getattr(cls, "__mro__", ()) if base in SCALARS), None)


def _accepts(adapter: Any, value: Any) -> bool:
    try:
        adapter.validate_python(value)
    except Exception:  # whatever a validator of the user's raises
        return False
    return True


def checked(hint: Any, inner: Callable[[Chooser, int], Any]) -> Callable[[Chooser, int], Any]:
    """What makes values of the hint inside an `Annotated` one until its metadata accepts one.

    Where it accepts none, the class around it has the last word.
    """
    adapter = adapter_of(hint)
    if adapter is None:
        return inner

    @functools.cache
    def by_itself() -> Callable[[Chooser], Any] | None:
        return by_schema(hint)

    def make(chooser: Chooser, depth: int) -> Any:
        value = inner(chooser, depth)
        by = None
        for _ in range(_TRIES):
            if _accepts(adapter, value):
                return value
            by = by or again(chooser)
            value = inner(by, depth)
        whole = by_itself()
        return value if whole is None else whole(chooser)

    return make
