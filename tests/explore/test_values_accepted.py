"""Each value that is made of a model is one that a worker's pydantic converter reads."""

from __future__ import annotations

import random
import sys
from typing import Annotated, Any

import pytest

from replaykit.errors import ValuesError
from replaykit.explore.values.mentioned import Mentioned
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.shapes import shape_of

pydantic = pytest.importorskip("pydantic")
from temporalio.contrib.pydantic import pydantic_data_converter  # noqa: E402  # it needs pydantic

from tests.explore.accepting_models import (  # noqa: E402  # they need pydantic
    MODELS,
    Account,
    Aliased,
    Jsons,
    Money,
    Node,
    OneOfTwo,
    OrderId,
    Secrets,
    Sized,
    Texts,
    Wide,
)

_SAMPLES = 15


def read(value: Any, hint: Any) -> Any:
    """The value as a worker reads what a client has sent."""
    converter = pydantic_data_converter.payload_converter
    return converter.from_payloads(converter.to_payloads([value]), [hint])[0]


@pytest.mark.exhaustive
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.thinned(3)
def test_each_value_is_read_by_the_converter(model: Any) -> None:
    shape = shape_of(model)
    made = [shape.sample(random.Random(seed)) for seed in range(_SAMPLES)]
    assert all(isinstance(read(value, model), model) for value in made)
    assert isinstance(read(shape.simplest(), model), model)
    again = [shape_of(model).sample(random.Random(seed)) for seed in range(_SAMPLES)]
    converter = pydantic_data_converter.payload_converter
    assert converter.to_payloads(made) == converter.to_payloads(again)


@pytest.mark.parametrize("model", [OrderId, Texts, Sized], ids=lambda model: model.__name__)
def test_with_words_of_the_workflow_each_value_is_read_too(model: Any) -> None:
    """The words that a workflow's module mentions keep to a field's limits."""
    types = {str: Mentioned(constants=("a long word", "b")), int: Mentioned(constants=(0, 1, 5000))}
    shape = shape_of(model, types=types)
    assert all(isinstance(read(shape.sample(random.Random(seed)), model), model) for seed in range(_SAMPLES))


def test_a_mentioned_word_is_tried_where_it_keeps_to_the_limits() -> None:
    limited: Any = Annotated[str, pydantic.Field(max_length=3)]
    types = {str: Mentioned(constants=("much too long", "yes"))}
    words = {shape_of(limited, types=types).sample(random.Random(seed)) for seed in range(100)}
    assert "yes" in words
    assert max(map(len, words)) == 3


@pytest.mark.parametrize(
    ("model", "holds"),
    [
        (OrderId, lambda made: made.name.startswith("ord-")),
        (Money, lambda made: made.currency == "EUR"),
        (Account, lambda made: len(made.iban) == 22),
        (OneOfTwo, lambda made: (made.by_id is None) != (made.by_name is None)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_a_validator_refuses_is_made_again(model: Any, holds: Any) -> None:
    made = [shape_of(model).sample(random.Random(seed)) for seed in range(_SAMPLES)]
    assert all(map(holds, made))
    assert len(set(map(repr, made))) > 1 or model is Money


@pytest.mark.parametrize("model", [Jsons, Aliased])
def test_a_model_that_does_not_read_what_it_writes_travels_as_it_was_given(model: Any) -> None:
    made = shape_of(model).sample(random.Random(3))
    assert isinstance(made, dict)
    assert isinstance(read(made, model), model)


def test_a_secret_is_written_as_stars() -> None:
    made = shape_of(Secrets).sample(random.Random(1))
    payload = pydantic_data_converter.payload_converter.to_payload(made)
    assert b"**" in payload.data or isinstance(made, dict)


def test_a_validator_may_raise_whatever_it_likes() -> None:
    class NoAction(Exception):
        pass

    def check(plan: Any) -> Any:
        if not plan.actions:
            raise NoAction("at least one action")
        return plan

    check_all: Any = {"check": pydantic.model_validator(mode="after")(check)}
    plan = pydantic.create_model("Plan", actions=(list[int], ...), __validators__=check_all)
    assert shape_of(plan).simplest().actions


def test_what_has_no_strategy_is_left_out_where_it_may_be() -> None:
    made = [shape_of(Wide).sample(random.Random(seed)) for seed in range(_SAMPLES)]
    assert {each.handler for each in made} == {None}
    assert {type(each.either) for each in made} == {int}


def test_a_field_deep_inside_is_named_by_its_path() -> None:
    sealed: Any = pydantic.create_model("Sealed", handler=(type, ...))
    customer: Any = pydantic.create_model("Customer", emails=(list[sealed], ...))
    order = pydantic.create_model("Order", customer=(customer, ...))
    with pytest.raises(ValuesError, match=r"type type \(field Order\.customer\.emails\.handler\)"):
        shape_of(order)


def test_an_e_mail_is_one() -> None:
    """Without email-validator, which pydantic asks for, by a validator of the same shape."""

    def valid(text: str) -> str:
        name, _, domain = text.partition("@")
        if not name or "." not in domain:
            raise ValueError("no e-mail")
        return text

    email = pydantic.WithJsonSchema({"type": "string", "format": "email"})
    contact = pydantic.create_model(
        "Contact", address=(Annotated[str, pydantic.AfterValidator(valid), email], ...)
    )
    assert "@" in shape_of(contact).sample(random.Random(0)).address


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the type statement is new in 3.12")
def test_what_a_type_statement_names_is_made() -> None:
    scope: dict[str, Any] = {}
    exec("type Answer = bool | int\ntype Answers = dict[str, Answer]", scope)
    made = [shape_of(scope["Answers"]).sample(random.Random(seed)) for seed in range(_SAMPLES)]
    assert {type(value) for answers in made for value in answers.values()} == {bool, int}


def test_a_users_own_type_goes_before_all() -> None:
    assert Values(types={OrderId: OrderId(name="ord-1", number=1)}).of(OrderId).simplest().number == 1


def test_a_model_that_holds_itself_ends() -> None:
    def depth(node: Any) -> int:
        return 1 + max(
            [depth(child) for child in [*node.children, *([node.next] if node.next else [])]], default=0
        )

    assert max(depth(shape_of(Node).sample(random.Random(seed))) for seed in range(_SAMPLES)) < 10
