"""Values of what only pydantic can describe: from its JSON schema, as JSON that its own validator accepts.

URLs, e-mails, secrets, dates of the past, a user's class that brings a schema of its own, and a model whose
fields are refused when they are made one by one.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from replaykit.explore.values.choosers import Chooser, Sampled, pick
from replaykit.explore.values.limits import NO_LIMITS, Limits
from replaykit.explore.values.scalars import SCALARS, texts_of

__all__ = ["Adapter", "Described", "adapter_of", "described", "guessed"]

Adapter = Any
"""A `pydantic.TypeAdapter`, which is not imported where nobody uses pydantic."""

_DEPTH = 4
_USUAL = 2
_GUESSES = 30
_SCHEMES = (
    "https", "http", "ws", "wss", "ftp", "postgresql", "postgres", "mysql", "mariadb", "redis", "amqp",
    "mongodb", "kafka", "nats", "clickhouse+native", "snowflake", "cockroachdb",
)  # fmt: skip
_LINKS = (
    "https://example.com/", "https://example.org/a/b?c=1", "file:///tmp/example.txt",
    *(f"{scheme}://ann@example.com:4242/main" for scheme in _SCHEMES),
)  # fmt: skip
_EXAMPLES: Mapping[str, Sequence[str]] = {
    "email": ("ann@example.com", "bob@example.org", "a.b+c@example.net"),
    "name-email": ("Ann <ann@example.com>", "Bob <bob@example.org>"),
    "uri": _LINKS,
    "multi-host-uri": _LINKS,
    "ipv4": ("192.0.2.1", "198.51.100.7"),
    "ipv6": ("2001:db8::1", "::1"),
    "ipv4network": ("192.0.2.0/24", "10.0.0.0/8"),
    "ipv6network": ("2001:db8::/32",),
    "ipv4interface": ("192.0.2.1/24",),
    "ipv6interface": ("2001:db8::1/32",),
    "ipvanyaddress": ("192.0.2.1", "2001:db8::1"),
    "ipvanynetwork": ("192.0.2.0/24", "2001:db8::/32"),
    "ipvanyinterface": ("192.0.2.1/24", "2001:db8::1/32"),
    "date": ("2026-01-01", "2020-02-29", "2999-12-31"),
    "date-time": (
        "2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "2020-02-29T12:30:00Z", "2020-02-29T12:30:00",
        "2999-12-31T23:59:59Z", "2999-12-31T23:59:59", "2026-07-01T08:00:00+02:00",
    ),
    "time": ("00:00:00", "12:30:00Z"),
    "duration": ("PT1M", "PT0S", "P1D"),
    "uuid": ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"),
    **{f"uuid{n}": (f"00000000-0000-{n}000-8000-000000000001", f"00000000-0000-{n}000-8000-000000000002")
       for n in range(1, 9)},
    "base64": ("YQ==", "YWJj"),
    "base64url": ("YQ==", "YWJj"),
    "file-path": (sys.executable,),  # a file that is there, wherever this runs
    "directory-path": (".", "/"),
    "path": ("example-that-is-not-there", "example-that-is-not-there/a.txt"),
    "color": ("red", "#00ff00"),
    "regex": ("a+",),
    "json-string": ("null", "{}", "[1]"),
}  # fmt: skip
"""By format, texts of it; of several kinds where a type takes only one of them."""


class Described:
    """Values of one hint, by its JSON schema.

    Args:
        schema: Its JSON schema.
        adapter: Validates what is made.
    """

    def __init__(self, schema: Mapping[str, Any], adapter: Adapter) -> None:
        self._schema = schema
        self._definitions: Mapping[str, Any] = schema.get("$defs", {})
        self._adapter = adapter
        self._fitting: dict[str, Sequence[str]] = {}

    def data(self, chooser: Chooser) -> Any:
        """JSON data; the validator may refuse it.

        Raises:
            Unsatisfiable: The schema admits nothing that is known here.
        """
        if self._schema.get("type") == "string" and (known := self._examples(self._schema)):
            return pick(chooser, known)
        return self._made(self._schema, chooser, 0)

    def _examples(self, schema: Mapping[str, Any]) -> Sequence[str]:
        """Those texts of the whole hint's format that the validator accepts."""
        name = str(schema.get("format"))
        if name not in self._fitting:
            texts = _EXAMPLES.get(name, ())
            self._fitting[name] = [text for text in texts if _accepts(self._adapter, text)]
        return self._fitting[name]

    def _made(self, schema: Any, chooser: Chooser, depth: int) -> Any:
        if not isinstance(schema, Mapping):
            schema = {}
        if "$ref" in schema:
            return self._made(self._definitions[schema["$ref"].rpartition("/")[2]], chooser, depth)
        if "const" in schema or "enum" in schema:
            return pick(chooser, [schema["const"]] if "const" in schema else schema["enum"])
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            low = [option for option in options if "$ref" not in option] if depth >= _DEPTH else []
            return self._made(pick(chooser, low or options), chooser, depth + 1)
        if "allOf" in schema:
            return self._made(
                {key: value for part in schema["allOf"] for key, value in part.items()}, chooser, depth
            )
        if "contentSchema" in schema:
            return json.dumps(self._made(schema["contentSchema"], chooser, depth))
        kind = schema.get("type", "string")
        make = {"object": self._object, "array": self._array}.get(kind)
        return make(schema, chooser, depth) if make is not None else _leaf(kind, schema, chooser)

    def _object(self, schema: Mapping[str, Any], chooser: Chooser, depth: int) -> Any:
        required = set(schema.get("required", ()))
        made = {
            name: self._made(part, chooser, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if name in required or (depth < _DEPTH and chooser.integer(0, 1))
        }
        further = schema.get("additionalProperties")
        shortest = schema.get("minProperties", 0)
        if isinstance(further, Mapping) or shortest:
            for _ in range(chooser.integer(shortest, shortest + _USUAL) if depth < _DEPTH else shortest):
                made[_leaf("string", schema.get("propertyNames", {}), chooser)] = self._made(
                    further, chooser, depth + 1
                )
        return made

    def _array(self, schema: Mapping[str, Any], chooser: Chooser, depth: int) -> Any:
        first = [self._made(part, chooser, depth + 1) for part in schema.get("prefixItems", ())]
        shortest = max(schema.get("minItems", 0) - len(first), 0)
        longest = min(schema.get("maxItems", len(first) + shortest + _USUAL) - len(first), shortest + _USUAL)
        if first and "items" not in schema:
            return first
        count = chooser.integer(shortest, max(longest, shortest)) if depth < _DEPTH else shortest
        return first + [self._made(schema.get("items"), chooser, depth + 1) for _ in range(count)]


def adapter_of(hint: Any) -> Adapter | None:
    """What pydantic validates a hint with; None where pydantic is not loaded, or has no schema for it."""
    pydantic = sys.modules.get("pydantic")
    if pydantic is None:
        return None
    try:
        return pydantic.TypeAdapter(hint)
    except Exception:  # of pydantic, or of the user's own code that describes a class
        return None


def described(adapter: Adapter) -> Described | None:
    """Values by the JSON schema of an adapter; None where it has none."""
    try:
        schema = adapter.json_schema(mode="validation")
    except Exception:  # of pydantic, or of the user's own code that describes a class
        return None
    return Described(schema, adapter)


def guessed(adapter: Adapter, base: Any) -> Callable[[Chooser], Any] | None:
    """Data for a validator without a JSON schema: what it accepts of plain values, of texts of all formats.

    Args:
        adapter: Validates.
        base: The type without parts that its values are, where known.
    """
    candidates: list[Any] = []
    if base is not None:
        make = SCALARS[base](NO_LIMITS)
        candidates += [_json_value(make(Sampled(random.Random(seed)))) for seed in range(_GUESSES)]
    candidates += [text for texts in _EXAMPLES.values() for text in texts]
    candidates += ["a", "0", "1", 0, 1, 1.5, True, None, [], {}]
    fitting = [data for data in candidates if _accepts(adapter, data)]
    return (lambda chooser: pick(chooser, fitting)) if fitting else None


def _json_value(value: Any) -> Any:
    """A value without parts as the JSON that pydantic writes for it."""
    return json.loads(sys.modules["pydantic_core"].to_json(value))


def _accepts(adapter: Adapter, data: Any) -> bool:
    try:
        adapter.validate_json(json.dumps(data))
    except Exception:  # whatever a validator of the user's raises
        return False
    return True


def _leaf(kind: Any, schema: Mapping[str, Any], chooser: Chooser) -> Any:
    if isinstance(kind, list):
        kind = pick(chooser, kind)
    if kind == "null":
        return None
    if kind == "boolean":
        return bool(chooser.integer(0, 1))
    if kind in ("integer", "number"):
        limits = Limits(
            ge=schema.get("minimum"),
            gt=schema.get("exclusiveMinimum"),
            le=schema.get("maximum"),
            lt=schema.get("exclusiveMaximum"),
            multiple_of=schema.get("multipleOf"),
        )
        return SCALARS[int if kind == "integer" else float](limits)(chooser)
    if kind == "object":
        return {}
    return _string(schema, chooser)


def _string(schema: Mapping[str, Any], chooser: Chooser) -> str:
    pattern = schema.get("pattern")
    if pattern is not None:
        return str(chooser.given(texts_of(pattern, schema.get("minLength", 0), schema.get("maxLength"))))
    known = _EXAMPLES.get(str(schema.get("format")))
    if known:
        return pick(chooser, known)
    limits = Limits(min_length=schema.get("minLength"), max_length=schema.get("maxLength"))
    return str(SCALARS[str](limits)(chooser))
