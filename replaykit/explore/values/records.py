"""Classes with named fields, read in one way: dataclasses, named tuples, typed dicts, pydantic models."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin

from typing_extensions import NotRequired, ReadOnly, Required, is_typeddict

from replaykit.explore.values.hints import UNIONS, annotated, hints_of, substituted, type_arguments

__all__ = ["Field", "Record", "record_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a Record."""

    name: str
    hint: Any
    may_be_left_out: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A class whose values are built from named fields."""

    fields: tuple[Field, ...]
    build: Callable[[Mapping[str, Any]], Any]
    """May refuse them with TypeError, ValueError or AssertionError."""


def record_of(hint: Any, *, where: str) -> Record | None:
    """How values of a class or of a generic one with its arguments are built; None where it is no record.

    Raises:
        ValuesError: Its annotations do not resolve.
    """
    cls = get_origin(hint) or hint
    if hasattr(cls, "model_fields") and hasattr(cls, "model_validate"):
        return Record(fields=tuple(_of_model(cls)), build=cls.model_validate)
    if is_typeddict(cls):
        fields = _of_typed_dict(cls, hints_of(cls, where=where))
    elif issubclass(cls, tuple) and hasattr(cls, "_fields"):
        fields = _of_named_tuple(cls, hints_of(cls, where=where))
    elif dataclasses.is_dataclass(cls):
        fields = _of_dataclass(cls, hints_of(cls, where=where))
    else:
        return None
    arguments = type_arguments(hint)
    filled = (dataclasses.replace(field, hint=substituted(field.hint, arguments)) for field in fields)
    return Record(fields=tuple(filled), build=lambda values: cls(**values))


def _of_dataclass(cls: Any, hints: Mapping[str, Any]) -> Iterator[Field]:
    for field in dataclasses.fields(cls):
        if field.init:
            hint = hints[field.name]
            has_default = field.default is not dataclasses.MISSING
            optional = _is_carried(field.default, hint) if has_default else _has_factory(field)
            yield Field(name=field.name, hint=hint, may_be_left_out=optional)


def _has_factory(field: dataclasses.Field[Any]) -> bool:
    return field.default_factory is not dataclasses.MISSING


def _is_carried(default: Any, hint: Any) -> bool:
    """Whether the hint admits the default: `note: str = None` is common, and no receiver decodes it."""
    return default is not None or _admits_none(hint)


def _admits_none(hint: Any) -> bool:
    if get_origin(hint) in (Annotated, *UNIONS):
        return any(
            _admits_none(part) for part in get_args(hint)[: 1 if get_origin(hint) is Annotated else None]
        )
    return hint in (None, type(None), Any, object) or isinstance(hint, TypeVar)


def _of_named_tuple(cls: Any, hints: Mapping[str, Any]) -> Iterator[Field]:
    for name in cls._fields:
        hint = hints.get(name, Any)
        defaults = cls._field_defaults
        optional = name in defaults and _is_carried(defaults[name], hint)
        yield Field(name=name, hint=hint, may_be_left_out=optional)


def _of_typed_dict(cls: Any, hints: Mapping[str, Any]) -> Iterator[Field]:
    for name, hint in hints.items():
        required = name in cls.__required_keys__
        while get_origin(hint) in (Required, NotRequired, ReadOnly):
            # Under `from __future__ import annotations` the class itself does not know.
            required = required if get_origin(hint) is ReadOnly else get_origin(hint) is Required
            hint = get_args(hint)[0]
        yield Field(name=name, hint=hint, may_be_left_out=not required)


def _of_model(cls: Any) -> Iterator[Field]:
    for name, info in cls.model_fields.items():
        alias = info.validation_alias or info.alias
        yield Field(
            name=alias if isinstance(alias, str) else name,
            # pydantic has taken `Annotated` apart
            hint=annotated(info.annotation, info.metadata),
            may_be_left_out=not info.is_required(),
        )
