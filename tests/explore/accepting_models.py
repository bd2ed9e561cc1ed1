"""Models as people write them: each demands something of its values that a type hint alone does not show."""

from __future__ import annotations

import collections
import enum
import ipaddress
import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar
from zoneinfo import ZoneInfo

import annotated_types as at
import pydantic
from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import core_schema
from typing_extensions import NotRequired, Required, TypeAliasType, TypedDict

__all__ = ["MODELS"]

T = TypeVar("T")


class Numbers(BaseModel):
    above: int = Field(gt=3)
    steps: float = Field(multiple_of=0.5, ge=7, lt=9)
    money: Decimal = Field(max_digits=4, decimal_places=2)
    sevens: int = Field(gt=5, multiple_of=7)
    narrow: Annotated[Decimal, Field(max_digits=3, decimal_places=1, gt=5)]
    between: Annotated[int, at.Interval(ge=3, le=9)]
    even: Annotated[int, at.Predicate(lambda value: value % 2 == 0)]
    size: pydantic.ByteSize


class Texts(BaseModel):
    short: str = Field(min_length=3, max_length=5)
    code: str = Field(pattern=r"^[A-Z]{3}-\d{4}$")
    upper: Annotated[str, pydantic.StringConstraints(to_upper=True, min_length=2)]
    digits: Annotated[str, pydantic.StringConstraints(pattern=r"^\d+$", max_length=8)]
    base64: pydantic.Base64Str
    raw: bytes


class LongTexts(BaseModel):
    model_config = ConfigDict(str_min_length=9)
    text: str


class Links(BaseModel):
    any: pydantic.AnyUrl
    web: pydantic.HttpUrl
    database: pydantic.PostgresDsn
    cache: pydantic.RedisDsn
    file: pydantic.FileUrl
    several: list[pydantic.HttpUrl] = Field(min_length=1)


class Secrets(BaseModel):
    word: pydantic.SecretStr
    raw: pydantic.SecretBytes
    long: pydantic.SecretStr = Field(min_length=12)
    perhaps: pydantic.SecretStr | None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    bark: str


class Pets(BaseModel):
    pet: Cat | Dog = Field(discriminator="kind")
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]]


class Node(BaseModel):
    value: int
    children: list[Node] = []
    next: Optional["Node"] = None  # noqa: UP045, UP037  # as it is often written


class Crate(BaseModel, Generic[T]):
    item: T
    many: list[T]


class Crates(BaseModel):
    numbers: Crate[int]
    nested: Crate[Crate[Cat]]


class Parts(TypedDict, total=False):
    number: Required[int]
    name: str


class Pieces(TypedDict):
    number: int
    name: NotRequired[Annotated[str, Field(min_length=3)]]


class Pair(NamedTuple):
    left: int
    right: str = "r"


class Structures(BaseModel):
    parts: Parts  # type: ignore[valid-type, unused-ignore]  # of typing_extensions, which pydantic asks for
    pieces: Pieces
    pair: Pair
    fixed: tuple[int, str]
    queue: collections.deque[int]


class Standard(BaseModel):
    path: Path
    id: uuid.UUID
    host: ipaddress.IPv4Address
    net: ipaddress.IPv6Network
    any_host: pydantic.IPvAnyAddress
    zone: ZoneInfo
    version_4: pydantic.UUID4
    new: pydantic.NewPath


class Times(BaseModel):
    aware: pydantic.AwareDatetime
    naive: pydantic.NaiveDatetime
    past: pydantic.PastDatetime
    future: pydantic.FutureDate
    late: datetime = Field(ge=datetime(2028, 1, 1, tzinfo=timezone.utc))
    short: timedelta = Field(gt=timedelta(0), le=timedelta(minutes=5))
    early: date = Field(lt=date(2000, 1, 1))


class Colour(enum.Enum):
    RED = "r"
    GREEN = "g"


class Level(enum.IntEnum):
    LOW = 1


class Choices(BaseModel):
    colour: Colour
    level: Level
    word: Literal["x", 1]
    by_colour: dict[Colour, int]


class Whole(RootModel[list[int]]):
    pass


class Prefixed(RootModel[Annotated[str, Field(pattern="^x")]]):
    pass


@pydantic_dataclass
class Checked:
    number: int = Field(gt=5)
    code: str = Field(pattern="^[a-f]{4}$")
    more: list[Checked] = Field(default_factory=list)


class Jsons(BaseModel):
    anything: pydantic.Json[Any]
    numbers: pydantic.Json[list[int]]
    value: pydantic.JsonValue


class Sized(BaseModel):
    several: Annotated[list[int], Field(min_length=2, max_length=3)]
    different: set[int] = Field(min_length=2)
    letters: frozenset[Literal["a", "b"]] = Field(min_length=2)
    named: dict[str, int] = Field(min_length=1)


class OrderId(BaseModel):
    name: str
    number: int

    @pydantic.field_validator("name")
    @classmethod
    def begins(cls, value: str) -> str:
        if not value.startswith("ord-"):
            raise ValueError("an order's name begins differently")
        return value


class Span(BaseModel):
    first: int
    last: int

    @pydantic.model_validator(mode="after")
    def forward(self) -> Span:
        if self.first >= self.last:
            raise ValueError("it ends before it begins")
        return self


CURRENCIES = frozenset(bytes([69, 85, 82]).decode().split())


class Money(BaseModel):
    currency: str

    @pydantic.field_validator("currency")
    @classmethod
    def known(cls, value: str) -> str:
        if value not in CURRENCIES:
            raise ValueError(f"currency must be one of {', '.join(CURRENCIES)}")
        return value


class Account(BaseModel):
    iban: Annotated[str, pydantic.AfterValidator(lambda text: _of_length(text, 22))]


def _of_length(text: str, length: int) -> str:
    if len(text) != length:
        raise ValueError("no IBAN")
    return text


class OneOfTwo(BaseModel):
    by_id: int | None = None
    by_name: str | None = None

    @pydantic.model_validator(mode="before")
    @classmethod
    def one(cls, data: Any) -> Any:
        if isinstance(data, dict) and (data.get("by_id") is None) == (data.get("by_name") is None):
            raise ValueError("exactly one")
        return data


class Aliased(BaseModel):
    model_config = ConfigDict(extra="forbid")
    plain: int = Field(alias="aPlain")
    chosen: int = Field(validation_alias=pydantic.AliasChoices("bb", "bbb"))
    inside: int = Field(validation_alias=pydantic.AliasPath("c", 1))
    dumped: int = Field(serialization_alias="dd")


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    order_id: int
    first_name: str


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    number: int
    at: datetime
    id: uuid.UUID
    colour: Colour
    raw: bytes


class Short:
    """A class of the user's own, which brings a schema of its own."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(pattern="^k[0-9]$"),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda short: short.text),
        )


class RunId(uuid.UUID):
    """One that pydantic has no JSON schema for."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_plain_validator_function(lambda text: cls(str(text))),
            python_schema=core_schema.is_instance_schema(cls),
            serialization=core_schema.to_string_ser_schema(),
        )


class OwnTypes(BaseModel):
    short: Short
    several: list[Short]
    run: RunId


Tree = TypeAliasType("Tree", "dict[str, Tree] | list[Tree] | int")


class Trees(BaseModel):
    tree: Tree


class Before(BaseModel):
    number: Annotated[int, pydantic.BeforeValidator(lambda value: int(str(value).removeprefix("n")))]
    free: pydantic.SkipValidation[int]


class Wide(BaseModel):
    """What has no strategy and may be left out is left out; of a union the rest is made."""

    number: int
    handler: type | None = None
    either: int | type


MODELS: list[Any] = [
    Numbers, Texts, LongTexts, Links, Secrets, Pets, Node, Crates, Structures, Standard, Times, Choices,
    Whole, Prefixed, Checked, Jsons, Sized, OrderId, Span, Money, Account, OneOfTwo, Aliased, Camel, Strict,
    OwnTypes, Trees, Before, Wide,
]  # fmt: skip
