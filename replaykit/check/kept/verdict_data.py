"""A Verdict as data that JSON can hold, and back. What does not come back equal is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

import orjson

from replaykit.history.durations import TimeSpan
from replaykit.verdict import Drift, Outcome, Severity, SourceLine, Verdict

__all__ = ["data_of", "verdict_of"]

_SPAN = "replaykit time span"
_PLAIN = (str, int, float, bool, type(None))


def data_of(verdict: Verdict) -> dict[str, Any] | None:
    """A consistent Verdict as data; None for one that such data does not hold whole."""
    data: dict[str, Any] = {
        field.name: _plain(getattr(verdict, field.name))
        for field in fields(Verdict)
        if getattr(verdict, field.name) != _default(field)
    }
    try:
        return data if verdict_of(orjson.loads(orjson.dumps(data))) == verdict else None
    except (KeyError, TypeError, ValueError):
        return None


def verdict_of(data: Mapping[str, Any]) -> Verdict:
    """The Verdict that data was made of.

    Raises:
        KeyError: It is no data of a Verdict; or a TypeError or ValueError.
    """
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
    }
    values["outcome"] = Outcome(values["outcome"])
    values["drifts"] = tuple(_drift_of(each) for each in data.get("drifts", ()))
    return Verdict(**values)


def _default(field: Any) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _plain(value: Any) -> Any:
    if isinstance(value, (Outcome, Severity)):
        return value.value
    if isinstance(value, TimeSpan):
        return {_SPAN: {field.name: getattr(value, field.name) for field in fields(value)}}
    if isinstance(value, (Drift, SourceLine)):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value if isinstance(value, _PLAIN) else object()  # which equals nothing


def _drift_of(data: Mapping[str, Any]) -> Drift:
    source = data["source"]
    return Drift(
        **{
            **data,
            "recorded": _value_of(data["recorded"]),
            "produced": _value_of(data["produced"]),
            "severity": Severity(data["severity"]),
            "source": None if source is None else SourceLine(**source),
        }
    )


def _value_of(data: Any) -> Any:
    if isinstance(data, Mapping):
        if data.keys() == {_SPAN}:
            return TimeSpan(**data[_SPAN])
        return {key: _value_of(item) for key, item in data.items()}
    return [_value_of(item) for item in data] if isinstance(data, list) else data
