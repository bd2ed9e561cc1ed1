"""Classes with named fields, read in one way: dataclasses, named tuples, typed dicts, pydantic models."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin

from typing_extensions import NotRequired, ReadOnly, Required, is_typeddict

from replaykit.explore.values.hints import UNIONS, annotated, hints_of, substituted, type_arguments
from replaykit.explore.values.schemas import Adapter, adapter_of

__all__ = ["Field", "Record", "record_of", "travels"]

_STEP = "\x1f"


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
    """May refuse them with any exception: a validator of the user's has its own."""
    model: Any = None
    """What pydantic knows the class by; None where it is none of pydantic's."""
    read: Callable[[Any], Any] = dict
    """The same as `build`, from the JSON data of a model."""


def record_of(hint: Any, *, where: str) -> Record | None:
    """How values of a class or of a generic one with its arguments are built; None where it is no record.

    Raises:
        ValuesError: Its annotations do not resolve.
    """
    cls = get_origin(hint) or hint
    if hasattr(cls, "model_fields") and hasattr(cls, "model_validate"):
        return _model(cls, cls.model_fields, cls.model_validate)
    if hasattr(cls, "__pydantic_fields__") and (adapter := adapter_of(hint)) is not None:
        infos = {name: info for name, info in cls.__pydantic_fields__.items() if info.init is not False}
        return _model(hint, infos, adapter.validate_python)
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


def _model(cls: Any, infos: Mapping[str, Any], validate: Callable[[Any], Any]) -> Record:
    """A model or dataclass of pydantic, whose values travel as its own data converter sends them."""
    adapter = adapter_of(cls)
    is_root = getattr(cls, "__pydantic_root_model__", False)

    def read(data: Any) -> Any:
        made = validate(data)
        # A `Json` field, or one that is dumped under another name, comes back only as it was given.
        return data if adapter is not None and not travels(adapter, made) and travels(adapter, data) else made

    def build(values: Mapping[str, Any]) -> Any:
        return read(values["root"] if is_root else _nested(values))

    return Record(fields=tuple(_of_model(infos)), build=build, model=cls, read=read)


def travels(adapter: Adapter, value: Any) -> bool:
    """Whether pydantic reads a value again that it has written."""
    try:
        adapter.validate_json(sys.modules["pydantic_core"].to_json(value))
    except Exception:  # of pydantic, or of a validator of the user's
        return False
    return True


def _of_model(infos: Mapping[str, Any]) -> Iterator[Field]:
    for name, info in infos.items():
        yield Field(
            name=_key(name, info),
            # pydantic has taken `Annotated` apart
            hint=annotated(info.annotation, info.metadata),
            may_be_left_out=not info.is_required(),
        )


def _key(name: str, info: Any) -> str:
    """What the field is called in what is validated; steps into it are joined by a mark of ours."""
    alias = info.validation_alias or info.alias
    choices = getattr(alias, "choices", None)
    alias = choices[0] if choices else alias
    path = getattr(alias, "path", None)
    if path:
        return _STEP.join(map(str, path))
    return alias if isinstance(alias, str) else name


def _nested(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values of `AliasPath("a", 0)` where that path leads."""
    if not any(_STEP in name for name in values):
        return values
    made: dict[str, Any] = {}
    for name, value in values.items():
        first, *rest = name.split(_STEP)
        for step in reversed(rest):
            value = [None] * int(step) + [value] if step.isdecimal() else {step: value}
        made[first] = value
    return made
