# ruff: noqa: UP007, UP045  # the old spellings of a union are tested too
"""Values of type hints: small ones first, carried by the converter, overridden where a user gives others."""

from __future__ import annotations

import collections
import functools
import importlib.util
import pickle
import random
import sys
import uuid
from collections.abc import Mapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from types import ModuleType
from typing import Annotated, Any, Literal, Optional, TypeVar, Union

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload, WorkflowType
from temporalio.common import RawValue
from temporalio.converter import DataConverter
from typing_extensions import TypeAliasType

from replaykit.errors import ValuesError
from replaykit.explore.values.hints import bare, name_of, real
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.shapes import shape_of
from replaykit.explore.values.signatures import (
    Argument,
    inputs_of,
    query_arguments,
    result_of,
    result_types,
    signal_arguments,
    update_arguments,
)
from tests.explore import value_samples as samples
from tests.explore.carrying import ensure_carried
from tests.explore.value_samples import (
    Address,
    Box,
    Colour,
    Connection,
    Endless,
    Even,
    Invoice,
    Item,
    Left,
    Level,
    NamedBox,
    Never,
    Order,
    OrderId,
    Orders,
    Partial,
    Plain,
    Point,
    Right,
    Sloppy,
    Summed,
    Tree,
    Wired,
)

LAWS = settings(max_examples=25, deadline=None, derandomize=True)


class Limit:
    """Metadata in the words of annotated-types."""

    def __init__(self, **limits: Any) -> None:
        self.__dict__.update(limits)

    def __repr__(self) -> str:
        """The same in every process: pytest-xdist compares the names of tests."""
        return f"Limit({self.__dict__})"


Bounded = TypeVar("Bounded", bound=int)
Chosen = TypeVar("Chosen", str, int)
Names = TypeAliasType("Names", list[str])

EXACT = [
    str, int, float, bool, None, bytes, datetime, uuid.UUID, Level,
    Literal["a", 1], Optional[int], list[int], list[list[str]], tuple[int, str], tuple[int, ...],
    tuple[()], set[int], dict[str, int], dict[int, bool], Sequence[int], MutableSequence[str],
    Mapping[str, float], collections.deque[int], list, dict, Any, Item, Order, Tree,
    Left, Right, Sloppy, Even, OrderId, list[Order], dict[str, Item], list[datetime],
    list[uuid.UUID], list[bytes], Annotated[int, Limit(gt=3)], list[Annotated[int, "metadata", {}]],
    WorkflowType,
    *((Address, Partial) if sys.version_info >= (3, 11) else ()),  # the SDK cannot read NotRequired before
]  # fmt: skip
"""What comes back from the default converter as it went."""
LOSSY = [Point, AbstractSet[int], int | float, RawValue, Colour, frozenset[str], int | str]
"""What is carried and may come back as something else, in some releases of temporalio: a list, for one."""
UNCARRIED = [
    date, time, timedelta, Decimal, Plain, Box[int], complex, Fraction, Bounded, Chosen, Names,
    dict[uuid.UUID, int], object,
]  # fmt: skip
"""What can be made, and only other converters carry."""


def carried(value: Any, hint: Any) -> Any:
    converter = DataConverter.default.payload_converter
    return converter.from_payloads(converter.to_payloads([value]), [bare(hint)])[0]


class TestEveryKind:
    @pytest.mark.parametrize("hint", EXACT, ids=name_of)
    @given(data=st.data())
    @LAWS
    def test_comes_back_from_the_converter_as_it_went(self, hint: Any, data: st.DataObject) -> None:
        value = data.draw(shape_of(hint).strategy())
        assert carried(value, hint) == value

    @pytest.mark.parametrize("hint", LOSSY, ids=name_of)
    @given(data=st.data())
    @LAWS
    def test_is_carried_at_least(self, hint: Any, data: st.DataObject) -> None:
        carried(data.draw(shape_of(hint).strategy()), hint)

    @pytest.mark.parametrize("hint", [*EXACT, *LOSSY], ids=name_of)
    def test_is_found_to_be_carried(self, hint: Any) -> None:
        ensure_carried(shape_of(hint), DataConverter.default)

    @pytest.mark.parametrize("hint", UNCARRIED, ids=name_of)
    def test_is_refused_where_the_converter_does_not_carry_it(self, hint: Any) -> None:
        with pytest.raises(ValuesError, match="the data converter does not carry"):
            ensure_carried(shape_of(hint), DataConverter.default)

    @pytest.mark.sampled(9)
    @pytest.mark.parametrize("hint", [*EXACT, *UNCARRIED, Point], ids=name_of)
    @pytest.mark.thinned(9)
    def test_shrinks_to_the_simplest(self, hint: Any) -> None:
        assert find(shape_of(hint).strategy(), lambda _: True, settings=LAWS) == shape_of(hint).simplest()

    @pytest.mark.parametrize("hint", [*EXACT, *UNCARRIED, *LOSSY], ids=name_of)
    def test_is_sampled_the_same_for_one_seed(self, hint: Any) -> None:
        shape = shape_of(hint)

        def draw(seed: int) -> list[str]:
            rng = random.Random(seed)
            return [repr(shape.sample(rng)) for _ in range(30)]

        assert draw(7) == draw(7)

    @pytest.mark.parametrize("hint", EXACT, ids=name_of)
    def test_sampled_is_carried_too(self, hint: Any) -> None:
        shape, rng = shape_of(hint), random.Random(1)
        for _ in range(50):
            value = shape.sample(rng)
            assert carried(value, hint) == value


class TestSimplest:
    @pytest.mark.parametrize(
        ("hint", "value"),
        [
            (int, 0),
            (str, ""),
            (Optional[Order], None),
            (Union[Order, int], 0),
            (Colour, Colour.RED),
            (Order, Order(id=OrderId(""), items=[])),
            (Tree, Tree(name="", parent=None)),
            (Left, Left(right=Right(left=None))),
            (datetime, datetime(2026, 1, 1, tzinfo=timezone.utc)),
            (Annotated[int, Limit(ge=5, multiple_of=3)], 6),
            (Annotated[str, Limit(min_length=2)], "aa"),
            (Annotated[set[int], Limit(min_length=1)], {0}),
            (Box[str], Box(content="")),
            (NamedBox, NamedBox(content=0)),
            (Even, Even(number=0)),
            (Summed, Summed(parts=[])),
            (Partial, {"street": ""}),
        ],
        ids=str,
    )
    def test_is_what_a_person_would_write(self, hint: Any, value: Any) -> None:
        assert shape_of(hint).simplest() == value

    def test_a_default_that_its_hint_does_not_admit_is_never_used(self) -> None:
        assert shape_of(Sloppy).simplest() == Sloppy(note="")

    @given(shape_of(Tree).strategy())
    @LAWS
    def test_a_type_that_holds_itself_ends(self, tree: Tree) -> None:
        assert _depth(tree) <= 3

    @given(
        shape_of(Annotated[int, Limit(gt=2, le=5)]).strategy(),
        shape_of(Annotated[float, Limit(gt=0, lt=0.1)]).strategy(),
        shape_of(Annotated[str, Limit(pattern="^[A-Z]{2}[0-9]+$", max_length=4)]).strategy(),
        shape_of(Annotated[list[int], Limit(min_length=2, max_length=3)]).strategy(),
    )
    @LAWS
    def test_limits_hold(self, whole: int, part: float, text: str, several: list[int]) -> None:
        assert 2 < whole <= 5
        assert 0 < part < 0.1
        assert 3 <= len(text) <= 4
        assert text[:2].isupper()
        assert 2 <= len(several) <= 3


def _depth(tree: Tree) -> int:
    return 1 + max(map(_depth, [*tree.children, *([tree.parent] if tree.parent else [])]), default=0)


class TestOverrides:
    def test_a_type_is_overridden_wherever_it_occurs(self) -> None:
        values = Values(types={Item: st.builds(Item, sku=st.just("X"), quantity=st.integers(5, 9))})
        rng = random.Random(2)
        orders = [values.of(Order).sample(rng) for _ in range(40)]
        items = [item for order in orders for item in order.items]
        assert {item.sku for item in items} == {"X"}
        assert {item.quantity for item in items} == {5, 6, 7, 8, 9}

    @pytest.mark.sampled(12)
    @pytest.mark.parametrize(
        ("shape", "value"),
        [
            (Values(activities={"charge": "ok"}).activity_result("charge", str), "ok"),
            (Values(activities={"charge": None}).activity_result("charge", str), None),
            (Values(children={"Child": st.just(7)}).child_result("Child", int), 7),
            (Values(nexus={"pay": 1}).nexus_result("shop.pay"), 1),
            (Values(nexus={"shop.pay": 2, "pay": 1}).nexus_result("shop.pay"), 2),
            (Values(signals={"approve": "ann"}).signal_arguments(Orders, "approve"), ("ann",)),
            (
                Values(signals={"approve": ("ann", Level.LOW)}).signal_arguments(Orders, "approve"),
                ("ann", Level.LOW),
            ),
            (Values(signals={"connect": ()}).signal_arguments(Orders, "connect"), ()),
            (Values(updates={"add": st.tuples(st.just(1))}).update_arguments(Orders, "add"), (1,)),
            (Values(queries={"item": (st.just(4),)}).query_arguments(Orders, "item"), (4,)),
            (Values(inputs={Orders: 5}).workflow_input(Orders), (5,)),
            (Values(inputs={"orders": 6}).workflow_input(Orders), (6,)),
        ],
    )
    @pytest.mark.thinned(4)
    def test_a_thing_is_overridden_by_its_name(self, shape: Any, value: Any) -> None:
        assert shape.simplest() == value
        assert shape.sample(random.Random(0)) == value
        assert find(shape.strategy(), lambda _: True, settings=LAWS) == value

    def test_what_is_not_overridden_comes_from_the_hints(self) -> None:
        values = Values()
        assert values.activity_result("charge", int).simplest() == 0
        assert values.activity_result("charge").simplest() is None
        assert values.child_result("Child", str).simplest() == ""
        assert values.workflow_input(Orders).simplest() == (Order(id=OrderId(""), items=[]),)
        assert values.signal_arguments(Orders, "approve").simplest() == ("",)
        assert values.update_arguments(Orders, "add").simplest() == (Item(sku=""),)
        assert values.query_arguments(Orders, "item").simplest() == (0,)

    def test_trailing_arguments_with_a_default_are_given_at_times(self) -> None:
        shape, rng = Values().signal_arguments(Orders, "approve"), random.Random(0)
        assert {len(shape.sample(rng)) for _ in range(30)} == {1, 2}

    def test_a_sample_of_a_strategy_is_the_same_in_every_process(self) -> None:
        one, two = (Values(types={int: st.integers(0, 10**6)}).of(int) for _ in range(2))
        assert [one.sample(random.Random(n)) for n in range(9)] == [
            two.sample(random.Random(n)) for n in range(9)
        ]

    @pytest.mark.parametrize("failures", [-0.1, 1.5, float("nan")])
    def test_failures_is_a_probability(self, failures: float) -> None:
        with pytest.raises(ValuesError, match=r"Values\(failures=...\): expected a probability"):
            Values(failures=failures)

    @pytest.mark.exhaustive
    @given(st.integers())
    @settings(max_examples=2, deadline=None)
    def test_a_strategy_can_be_sampled_inside_a_property(self, seed: int) -> None:
        shape = Values(types={int: st.integers(1, 3)}).of(int)
        assert shape.sample(random.Random(seed)) in (1, 2, 3)
        assert shape.simplest() == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("ask", "message"),
        [
            (
                lambda: Values().signal_arguments(Orders, "connect"),
                "signal 'connect' argument 1: no strategy for type Connection. "
                "Give one: Values(types={Connection: ...})",
            ),
            (
                lambda: Values().activity_result("wire", list[Wired]),
                "result of activity 'wire': no strategy for type Connection (field Wired.connection). "
                "Give one: Values(types={Connection: ...})",
            ),
            (
                lambda: Values().of(Endless),
                "value: a value of Endless would never end: it holds itself. "
                "Give one: Values(types={Endless: ...})",
            ),
            (
                lambda: Values().of(list[Endless] | None),
                "value: a value of Endless would never end: it holds itself. "
                "Give one: Values(types={Endless: ...})",
            ),
            (
                lambda: Values().of([int]),
                "value: no strategy for type [<class 'int'>]. Give one: Values(types={[<class 'int'>]: ...})",
            ),
            (
                lambda: Values().of(Never).simplest(),
                "value: Never refuses what is made for its fields, such as {'number': 0}: never. "
                "Give one: Values(types={Never: ...})",
            ),
            (
                lambda: shape_of(Annotated[int, Limit(gt=3, lt=4)]).simplest(),
                "value: no strategy for type int: no number within its limits. "
                "Give one: Values(types={int: ...})",
            ),
            (
                lambda: Values().query_arguments(Orders, "items"),
                "query 'items': Orders has no handler of that name. Those that it has: 'item'.",
            ),
            (lambda: inputs_of(Item), f"{Item!r}: it has no @workflow.defn. Decorate it, or name another."),
        ],
    )
    def test_says_what_where_and_the_cure(self, ask: Any, message: str) -> None:
        with pytest.raises(ValuesError) as excinfo:
            ask()
        assert str(excinfo.value) == message

    def test_the_innermost_hint_that_is_not_carried_is_named(self) -> None:
        shape = Values().activity_result("bill", list[Invoice])
        with pytest.raises(ValuesError) as excinfo:
            ensure_carried(shape, DataConverter.default)
        assert str(excinfo.value).startswith(
            "result of activity 'bill': the data converter does not carry Decimal, which is inside "
            "list[tests.explore.value_samples.Invoice]: TypeError: Object of type Decimal is not JSON "
            "serializable. The worker would fail at it too. temporalio.contrib.pydantic carries more types"
        )

    def test_the_innermost_hint_of_an_argument_is_named_too(self) -> None:
        with pytest.raises(ValuesError) as excinfo:
            ensure_carried(Values().update_arguments(Orders, "bill"), DataConverter.default)
        assert str(excinfo.value).startswith(
            "update 'bill' argument 2: the data converter does not carry Decimal, which is inside Invoice: "
        )

    def test_an_argument_that_is_not_carried_is_counted(self) -> None:
        shape = Values(types={Connection: st.builds(object)}).signal_arguments(Orders, "connect")
        with pytest.raises(
            ValuesError, match=r"^signal 'connect' argument 1: the data converter does not carry"
        ):
            ensure_carried(shape, DataConverter.default)

    @pytest.mark.exhaustive
    def test_an_override_that_does_not_fit_its_hint_is_not_carried(self) -> None:
        shape = Values(activities={"charge": "ok"}).activity_result("charge", Item)
        with pytest.raises(
            ValuesError, match=r"^result of activity 'charge': the data converter does not carry Item"
        ):
            ensure_carried(shape, DataConverter.default)

    def test_a_strategy_that_raises_is_named(self) -> None:
        shape = Values(types={int: st.integers().filter(lambda _: False)}).of(int)
        with pytest.raises(
            ValuesError, match=r"strategy integers\(\).filter.*: drawing from it raised Unsat"
        ):
            shape.sample(random.Random(0))


class TestReadingHints:
    def test_arguments_with_and_without_a_default(self) -> None:
        assert inputs_of(Orders) == (
            Argument(name="order", hint=Order),
            Argument(name="retries", hint=int, may_be_left_out=True),
        )
        assert signal_arguments(Orders, "approve")[1] == Argument(
            name="level", hint=Level, may_be_left_out=True
        )
        assert update_arguments(Orders, "add") == (Argument(name="item", hint=Item),)
        assert query_arguments(Orders, "item") == (Argument(name="index", hint=int),)

    def test_without_annotations_anything_goes(self) -> None:
        assert [argument.hint for argument in signal_arguments(Orders, "untyped")] == [Any, Any]

    def test_what_is_dynamic_takes_anything(self) -> None:
        anything = (Argument(name="args", hint=Any, may_be_left_out=True),)
        assert signal_arguments(Orders, "whatever") == anything
        assert inputs_of(samples.Dynamic) == anything

    @pytest.mark.parametrize(
        ("function", "hint"),
        [
            (samples.charge, Item),
            (samples.give_back, type(None)),
            (samples.untyped, Any),
            (samples.Warehouse().pick, list[Item]),
            (samples.Warehouse.pick, list[Item]),
            (samples.Ship(), Colour),
            (samples.Ship, Colour),
            (functools.partial(samples.charge), Item),
        ],
    )
    def test_the_result_of_an_activity(self, function: Any, hint: Any) -> None:
        assert result_of(function) == hint

    def test_results_by_activity_type(self) -> None:
        activities: list[Any] = [
            samples.charge,
            samples.give_back,
            samples.untyped,
            samples.dynamic,
            samples.Warehouse().pick,
        ]
        assert result_types(activities) == {
            "charge": Item,
            "refund": type(None),
            "untyped": Any,
            "pick": list[Item],
        }

    def test_what_is_no_activity_is_refused(self) -> None:
        with pytest.raises(ValuesError, match=r"it has no @activity\.defn"):
            result_types([len])


class TestSandboxedCopies:
    @pytest.fixture
    def copy(self) -> ModuleType:
        """The module once more, as the sandbox imports it."""
        spec = importlib.util.find_spec(samples.__name__)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        original = sys.modules[samples.__name__]
        sys.modules[samples.__name__] = module
        try:
            spec.loader.exec_module(module)
        finally:
            sys.modules[samples.__name__] = original
        return module

    def test_hints_are_mapped_back_at_every_depth(self, copy: Any) -> None:
        assert copy.Order is not Order
        assert real(copy.Order) is Order
        assert real(copy.OrderId) is OrderId
        assert real(list[copy.Order]) == list[Order]
        assert real(dict[str, tuple[copy.Item, ...]]) == dict[str, tuple[Item, ...]]
        assert real(Optional[copy.Order]) == Optional[Order]
        assert real(copy.Item | int) == Union[Item, int]
        assert real(copy.Box[copy.Item]) == Box[Item]
        assert real(Annotated[copy.Order, "note"]) == Annotated[Order, "note"]

    def test_what_is_no_copy_stays_the_same_object(self) -> None:
        class Local: ...

        for hint in (Local, list[int], Any, None, Literal["a"], Optional[int], Callable_, "text"):
            assert real(hint) is hint

    @pytest.mark.exhaustive
    def test_values_are_those_of_the_imported_class(self, copy: Any) -> None:
        assert type(shape_of(copy.Order).simplest()) is Order
        assert type(Values().workflow_input(copy.Orders).simplest()[0]) is Order
        assert Values(types={Item: Item(sku="X")}).of(copy.Item).simplest() == Item(sku="X")
        assert Values(inputs={Orders: 1}).workflow_input(copy.Orders).simplest() == (1,)


Callable_ = collections.abc.Callable[[int], str]


def test_one_value_can_be_sampled_by_its_hint() -> None:
    assert shape_of(Literal["only"]).sample(random.Random(0)) == "only"


def test_a_raw_value_holds_a_payload() -> None:
    assert isinstance(shape_of(RawValue).simplest().payload, Payload)


def test_samples_can_leave_the_process() -> None:
    value = shape_of(Order).sample(random.Random(3))
    assert pickle.loads(pickle.dumps(value)) == value
