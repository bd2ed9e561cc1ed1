"""Values of pydantic models, as pydantic's data converter carries them."""

from __future__ import annotations

import enum
import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from temporalio.converter import DataConverter

from replaykit.errors import ValuesError
from replaykit.explore.values.hints import name_of
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.shapes import shape_of
from tests.explore.carrying import ensure_carried
from tests.explore.value_samples import Box, Item, Order, Point

pydantic = pytest.importorskip("pydantic")
from temporalio.contrib.pydantic import pydantic_data_converter  # noqa: E402  # it needs pydantic

LAWS = settings(max_examples=25, deadline=None, derandomize=True)
Field = pydantic.Field


class Plain(enum.Enum):
    ONE = 1
    TWO = "two"


Money: Any = pydantic.create_model(
    "Money",
    cents=(int, Field(gt=0, le=10_000)),
    currency=(Annotated[str, Field(pattern="^[A-Z]{3}$")], "EUR"),
)
Customer: Any = pydantic.create_model(
    "Customer", name=(str, Field(min_length=1, max_length=3)), born=(date, ...)
)
Bill: Any = pydantic.create_model(
    "Bill",
    id=(UUID, ...),
    customer=(Customer, ...),
    total=(Money, ...),
    rebate=(Decimal | None, Field(None, ge=0, lt=1)),
    lines=(list[Item], Field(min_length=1)),
    state=(Literal["open", "paid"], "open"),
    due=(datetime, ...),
    labels=(dict[str, set[int]], Field(default_factory=dict)),
)
EXACT: list[Any] = [
    Money, Customer, Bill, list[Bill], dict[str, Money], date, time, timedelta, datetime, Decimal, UUID,
    Plain, Order, Point, Box[int], Box[Money], tuple[date, Plain], set[Plain], int, str, bytes, None,
    Annotated[int, Field(gt=5, multiple_of=4)], Annotated[str, Field(pattern="a+")],
]  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("hint", EXACT, ids=name_of)
@given(data=st.data())
@LAWS
def test_comes_back_from_the_converter_as_it_went(hint: Any, data: st.DataObject) -> None:
    value = data.draw(shape_of(hint).strategy())
    converter = pydantic_data_converter.payload_converter
    assert converter.from_payloads(converter.to_payloads([value]), [hint]) == [value]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("hint", EXACT, ids=name_of)
def test_is_found_to_be_carried(hint: Any) -> None:
    ensure_carried(shape_of(hint), pydantic_data_converter)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("hint", [Money, Customer, Plain, date, Decimal], ids=name_of)
def test_shrinks_to_the_simplest(hint: Any) -> None:
    assert find(shape_of(hint).strategy(), lambda _: True, settings=LAWS) == shape_of(hint).simplest()


def test_the_simplest_keeps_to_the_limits() -> None:
    assert shape_of(Money).simplest() == Money(cents=1, currency="EUR")
    assert shape_of(Annotated[int, Field(gt=5, multiple_of=4)]).simplest() == 8


def test_a_field_under_an_alias_is_given_by_it() -> None:
    renamed = pydantic.create_model("Renamed", cents=(int, Field(alias="amount")))
    assert shape_of(renamed).simplest() == renamed(amount=0)


def test_a_model_that_refuses_everything_is_named() -> None:
    def refuse(value: int) -> int:
        raise ValueError("no")

    sealed = pydantic.create_model("Sealed", number=(Annotated[int, pydantic.AfterValidator(refuse)], ...))
    with pytest.raises(
        ValuesError, match=r"(?s)^value: Sealed refuses what is made .*Values\(types=\{Sealed: "
    ):
        shape_of(sealed).sample(random.Random(0))


def test_a_type_of_pydantic_alone_can_be_overridden() -> None:
    values = Values(types={pydantic.SecretStr: pydantic.SecretStr("x")})
    assert values.of(pydantic.SecretStr).simplest().get_secret_value() == "x"


def test_the_default_converter_refuses_what_a_model_holds() -> None:
    with pytest.raises(ValuesError, match=r"does not carry date, which is inside .*Customer"):
        ensure_carried(shape_of(Customer), DataConverter.default)
