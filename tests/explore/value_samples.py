"""Workflows, activities and types that the tests of `replaykit.explore.values.overrides` read."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, NamedTuple, NewType, TypedDict, TypeVar

from temporalio import activity, workflow
from temporalio.common import RawValue
from typing_extensions import NotRequired, Required

OrderId = NewType("OrderId", str)
T = TypeVar("T")


class Colour(str, enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Plain(enum.Enum):
    ONE = 1


@dataclass(frozen=True)
class Item:
    sku: str
    quantity: int = 1


@dataclass(kw_only=True)
class Order:
    id: OrderId
    items: list[Item]
    level: Level = Level.LOW
    tags: dict[str, Level] = field(default_factory=dict)
    note: str | None = None


@dataclass
class Summed:
    parts: list[int]
    total: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.total = sum(self.parts)


@dataclass
class Tree:
    name: str
    parent: Tree | None
    children: list[Tree] = field(default_factory=list)


@dataclass
class Endless:
    inner: Endless


@dataclass
class Left:
    right: Right | Left


@dataclass
class Right:
    left: Left | None


@dataclass
class Box(Generic[T]):
    content: T
    more: list[T] = field(default_factory=list)


@dataclass
class NamedBox(Box[int]):
    name: str = ""


@dataclass
class Sloppy:
    note: str = None  # type: ignore[assignment]


@dataclass
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")


@dataclass
class Never:
    number: int

    def __post_init__(self) -> None:
        raise ValueError("never")


@dataclass
class Invoice:
    total: Decimal


class Point(NamedTuple):
    x: int
    y: int = 0


class Address(TypedDict):
    street: str
    city: NotRequired[str]


class Partial(TypedDict, total=False):
    street: Required[str]
    city: str


class Connection:
    """Nothing that a history could hold."""

    def __init__(self) -> None:
        raise AssertionError("this must not be called")


@dataclass
class Wired:
    connection: Connection


@workflow.defn(name="orders")
class Orders:
    @workflow.run
    async def run(self, order: Order, retries: int = 3) -> str:
        return order.id

    @workflow.signal
    def approve(self, by: str, level: Level = Level.LOW) -> None: ...

    @workflow.signal(name="connect")
    def on_connect(self, connection: Connection) -> None: ...

    @workflow.signal
    def untyped(self, first, second) -> None:  # type: ignore[no-untyped-def]
        ...

    @workflow.signal(dynamic=True)
    def anything(self, name: str, args: Sequence[RawValue]) -> None: ...

    @workflow.update
    async def add(self, item: Item) -> int:
        return item.quantity

    @workflow.update
    async def bill(self, by: str, invoice: Invoice) -> None: ...

    @workflow.query
    def item(self, index: int) -> Item:
        return Item(sku=str(index))


@workflow.defn(dynamic=True)
class Dynamic:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None: ...


@activity.defn
async def charge(order: Order) -> Item:
    return order.items[0]


@activity.defn(name="refund")
def give_back(order: Order) -> None: ...


@activity.defn
def untyped(order):  # type: ignore[no-untyped-def]
    return order


@activity.defn(dynamic=True)
def dynamic(args: Sequence[RawValue]) -> Any:
    return args


class Warehouse:
    @activity.defn
    def pick(self, item: Item) -> list[Item]:
        return [item]


@activity.defn
class Ship:
    def __call__(self, item: Item) -> Colour:
        return Colour.RED
