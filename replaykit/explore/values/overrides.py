"""The values that a scenario hands to workflow code, and a user's own in their place.

Everything else is made from type hints. What the hints do not show, that an amount is never negative or that
an approver exists, the user writes once:

    Values(
        types={Money: st.builds(Money, cents=st.integers(0, 10_000))},
        activities={"charge": "ok"},
        signals={"approve": st.tuples(st.sampled_from(["ann", "bob"]))},
    )
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis.strategies import SearchStrategy
from temporalio.common import SearchAttributeKey

from replaykit.errors import ValuesError
from replaykit.explore.values.hints import real
from replaykit.explore.values.learned import Learned, Role, with_recorded
from replaykit.explore.values.places import Place, arguments_of, as_arguments, overridden
from replaykit.explore.values.shapes import Shape, as_strategy, shape_of
from replaykit.explore.values.signatures import (
    Argument,
    Handler,
    inputs_of,
    query_arguments,
    returned_by,
    signal_arguments,
    update_arguments,
    workflow_name,
)

__all__ = ["Values", "asked_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """The user's own values; the keys of each field are names.

    A value of a mapping is a Hypothesis strategy, or a plain value that is then the only one. Where it stands
    for arguments it is a tuple of such values, or a strategy of tuples; anything else is the only argument.

    Example:
        values = Values(
            types={Money: st.builds(Money, cents=st.integers(0, 10_000))},
            activities={"charge": "ok"},
            signals={"approve": st.tuples(st.sampled_from(["ann", "bob"]))},
        )
        assert_deterministic(OrderWorkflow, values=values)

    Raises:
        ValuesError: `failures` is no number from 0 to 1.
    """

    types: Mapping[Any, Any] = field(default_factory=dict)
    """By type hint, wherever it occurs: first of all a class."""
    activities: Mapping[str, Any] = field(default_factory=dict)
    """Results, by activity type."""
    children: Mapping[str, Any] = field(default_factory=dict)
    """Results, by workflow type of the child."""
    nexus: Mapping[str, Any] = field(default_factory=dict)
    """Results, by `operation` or `service.operation`."""
    signals: Mapping[str, Any] = field(default_factory=dict)
    """Arguments, by signal name."""
    updates: Mapping[str, Any] = field(default_factory=dict)
    """Arguments, by update name."""
    queries: Mapping[str, Any] = field(default_factory=dict)
    """Arguments, by query name."""
    inputs: Mapping[type | str, Any] = field(default_factory=dict)
    """Arguments of the run method, by workflow class or type name."""
    workflow_ids: Mapping[type | str, Any] = field(default_factory=dict)
    """Ids of the runs, by workflow class or type name: for code that reads a meaning in its own."""
    memo: Mapping[str, Any] = field(default_factory=dict)
    """What every run is started with, by key; without it, code that reads a memo has a guess at times."""
    search_attributes: Mapping[SearchAttributeKey[Any], Any] = field(default_factory=dict)
    """What every run is started with, by key; guessed at times without it, as for `memo`."""
    cron: str = "0 * * * *"
    """The schedule of runs that have one: some of a workflow that reads `cron_schedule`."""
    last_results: Mapping[type | str, Any] = field(default_factory=dict)
    """What the run before answered, by workflow class or type name; by default as `run` is annotated."""
    failures: float = 0.2
    """How likely it is that what can fail does, from 0 to 1."""
    learned: Learned | None = field(default=None, repr=False)
    """What fixtures show, from `[tool.replaykit.explore] learn`; your own values come before it."""
    _shapes: dict[Any, Shape] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Shapes that were asked for before."""
    _strategies: dict[str, SearchStrategy[Any]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The user's own, by the place that an error names: drawing from a new one each time is slow."""

    _asked: set[tuple[Role, str]] = field(default_factory=set, init=False, repr=False, compare=False)
    """Whose results and arguments were asked for so far."""

    def __post_init__(self) -> None:
        if not 0 <= self.failures <= 1:
            raise ValuesError(
                f"expected a probability, got {self.failures!r}",
                where="Values(failures=...)",
                cure="Give a number from 0 to 1.",
            )

    def of(self, hint: Any, *, where: str = "value") -> Shape:
        """The shape of a type hint.

        Args:
            hint: Any type hint; `Any` stands for small JSON values.
            where: The place, as an error names it.

        Returns:
            What makes its values.

        Raises:
            ValuesError: There is no strategy for it.
        """
        try:
            key = (where, real(hint))
            hash(key)
        except TypeError:
            return shape_of(hint, types=self.types, where=where)
        if key not in self._shapes:
            self._shapes[key] = shape_of(hint, types=self.types, where=where)
        return self._shapes[key]

    def activity_result(self, activity_type: str, hint: Any = None) -> Shape:
        """What an activity answers with.

        Args:
            activity_type: Its name.
            hint: The type that the code expects, `NoneType` for `-> None`; None where it names none, which is
                how the SDK puts it.

        Returns:
            What makes its values.

        Raises:
            ValuesError: There is no strategy for the hint.
        """
        where = f"result of activity {activity_type!r}"
        return self._result(self.activities, (activity_type,), hint, where, Role.ACTIVITY)

    def child_result(self, workflow_type: str, hint: Any = None) -> Shape:
        """What a child workflow answers with.

        Args:
            workflow_type: Its name.
            hint: As for `activity_result`.

        Returns:
            What makes its values.

        Raises:
            ValuesError: There is no strategy for the hint.
        """
        where = f"result of child {workflow_type!r}"
        return self._result(self.children, (workflow_type,), hint, where, Role.CHILD)

    def nexus_result(self, operation: str, hint: Any = None) -> Shape:
        """What a Nexus operation answers with.

        Args:
            operation: Its name, as `service.operation`.
            hint: As for `activity_result`.

        Returns:
            What makes its values.

        Raises:
            ValuesError: There is no strategy for the hint.
        """
        names = (operation, operation.rpartition(".")[2])
        where = f"result of Nexus operation {operation!r}"
        return self._result(self.nexus, names, hint, where, Role.NEXUS)

    def signal_arguments(self, workflow_class: type, name: str, own: Handler | None = None) -> Shape:
        """Tuples of the arguments of a signal.

        Args:
            workflow_class: The workflow.
            name: Of its handler.
            own: The function that the code itself has set as that handler, where it has.

        Returns:
            What makes such tuples.

        Raises:
            ValuesError: There is no such handler, or no strategy for one of its hints.
        """
        arguments = signal_arguments(workflow_class, name, own)
        return self._arguments(self.signals, (name,), arguments, f"signal {name!r}", Role.SIGNAL)

    def update_arguments(self, workflow_class: type, name: str, own: Handler | None = None) -> Shape:
        """Tuples of the arguments of an update.

        Args:
            workflow_class: The workflow.
            name: Of its handler.
            own: The function that the code itself has set as that handler, where it has.

        Returns:
            What makes such tuples.

        Raises:
            ValuesError: There is no such handler, or no strategy for one of its hints.
        """
        arguments = update_arguments(workflow_class, name, own)
        return self._arguments(self.updates, (name,), arguments, f"update {name!r}", Role.UPDATE)

    def query_arguments(self, workflow_class: type, name: str, own: Handler | None = None) -> Shape:
        """Tuples of the arguments of a query.

        Args:
            workflow_class: The workflow.
            name: Of its handler.
            own: The function that the code itself has set as that handler, where it has.

        Returns:
            What makes such tuples.

        Raises:
            ValuesError: There is no such handler, or no strategy for one of its hints.
        """
        arguments = query_arguments(workflow_class, name, own)
        return self._arguments(self.queries, (name,), arguments, f"query {name!r}")

    def workflow_input(self, workflow_class: type) -> Shape:
        """Tuples of the arguments of a workflow's run method.

        Args:
            workflow_class: The workflow.

        Returns:
            What makes such tuples.

        Raises:
            ValuesError: There is no strategy for one of its hints.
        """
        cls, name = real(workflow_class), workflow_name(workflow_class)
        where = f"input of workflow {name or cls.__qualname__!r}"
        return self._arguments(self.inputs, (cls, name), inputs_of(cls), where, Role.INPUT)

    def workflow_id(self, workflow_class: type) -> Shape | None:
        """The ids of runs.

        Args:
            workflow_class: The workflow.

        Returns:
            What makes them; None where the user has given none.
        """
        cls, name = real(workflow_class), workflow_name(workflow_class)
        if cls not in self.workflow_ids and name not in self.workflow_ids:
            return None
        where = f"id of workflow {name or cls.__qualname__!r}"
        return self._result(self.workflow_ids, (cls, name), str, where)

    def memo_field(self, key: str) -> Shape:
        """What a field of the memo holds.

        Args:
            key: Its name.

        Returns:
            What makes its values: texts, whole numbers and truth values where the user has none.
        """
        return self._result(self.memo, (key,), str | int | bool, f"memo field {key!r}")

    def search_attribute(self, key: SearchAttributeKey[Any]) -> Shape:
        """What a search attribute holds.

        Args:
            key: Its name and type.

        Returns:
            What makes its values.
        """
        hint = list[str] if key.indexed_value_type.name == "KEYWORD_LIST" else key.value_type
        return self._result(self.search_attributes, (key,), hint, f"search attribute {key.name!r}")

    def last_result(self, workflow_class: type) -> Shape:
        """What the run before answered.

        Args:
            workflow_class: The workflow.

        Returns:
            What makes its values.

        Raises:
            ValuesError: There is no strategy for what its run method returns.
        """
        cls, name = real(workflow_class), workflow_name(workflow_class)
        where = f"last result of workflow {name or cls.__qualname__!r}"
        return self._result(self.last_results, (cls, name), returned_by(cls), where)

    def _result(
        self, given: Mapping[Any, Any], names: Sequence[Any], hint: Any, where: str, role: Role | None = None
    ) -> Shape:
        hint = Any if hint is None else real(hint)
        if role is not None:
            self._asked.update((role, name) for name in names)
        for name in names:
            if name in given:
                strategy = self._strategies.setdefault(where, as_strategy(given[name]))
                return overridden(strategy, (hint,), where)
        place = Place(where=where, hints=(hint,), required=1)
        return self._with_recorded(role, names, place, lambda: self.of(hint, where=where))

    def _arguments(
        self,
        given: Mapping[Any, Any],
        names: Sequence[Any],
        arguments: Sequence[Argument],
        where: str,
        role: Role | None = None,
    ) -> Shape:
        hints = tuple(argument.hint for argument in arguments)
        for name in names:
            if name in given:
                strategy = self._strategies.setdefault(where, as_arguments(given[name]))
                return overridden(strategy, hints, where, arguments=True)
        required = sum(not argument.may_be_left_out for argument in arguments)
        place = Place(where=where, hints=hints, required=required, arguments=True)
        return self._with_recorded(role, names, place, lambda: arguments_of(place, self.of))

    def _with_recorded(
        self, role: Role | None, names: Sequence[Any], place: Place, plain: Callable[[], Shape]
    ) -> Shape:
        """What hints give, and what was recorded in that place."""
        if self.learned is None or role is None:
            return plain()
        key = (role, place)
        try:
            hash(key)
        except TypeError:
            return with_recorded(self.learned, role, names, place, plain, self.of)
        if key not in self._shapes:
            self._shapes[key] = with_recorded(self.learned, role, names, place, plain, self.of)
        return self._shapes[key]


def asked_of(values: Values) -> Collection[tuple[Role, str]]:
    """Whose results and arguments these values were asked for so far."""
    return values._asked
