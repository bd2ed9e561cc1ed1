"""How a run starts: its input, and now and then a circumstance that its code can read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from replaykit.code.mentions import Mentions, mentions_of
from replaykit.errors import ValuesError
from replaykit.explore.growing.circumstances import Circumstances
from replaykit.explore.scenario import Opening
from replaykit.explore.values.choosers import Chooser
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.signatures import definition_of, workflow_name
from replaykit.replay.sdk.definitions import activity_definition

__all__ = ["Openings", "mentioned_by", "plainer_openings"]

_RARELY = 3
"""Of so many runs of code with patches, one is from before some of them."""
_BITS = 12
"""Patches after so many are chosen together with an earlier one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Openings:
    """The starts of a workflow."""

    workflow: type
    values: Values
    """The user's own values."""
    workflow_type: str = ""
    """Its name where the class is a dynamic workflow."""
    mentions: Mentions = field(default_factory=Mentions)
    """What its code mentions: what it never reads is not varied."""

    def chosen(self, chooser: Chooser, patches: Sequence[str] = ()) -> Opening:
        """One start.

        Args:
            chooser: Answers every choice.
            patches: Ids that the code is known to ask about, in a steady order.

        Raises:
            ValuesError: There is no strategy for a type hint of its input, or the user's id of it is none.
        """
        return Opening(
            workflow_type=workflow_name(self.workflow) or self.workflow_type,
            values=self.values.workflow_input(self.workflow).make(chooser),
            **self._identity(chooser),
            seed=chooser.integer(0, 2),
            predates=self._predates(chooser, patches),
            **self._circumstances().chosen(chooser),
        )

    def _identity(self, chooser: Chooser) -> dict[str, Any]:
        shape = self.values.workflow_id(self.workflow)
        if shape is None:
            return {}
        workflow_id = shape.make(chooser)
        if not isinstance(workflow_id, str) or not workflow_id:
            raise ValuesError(
                f"expected a text that is not empty, got {workflow_id!r}",
                where=f"Values(workflow_ids=...): {shape.where}",
                cure="Give the id of a run, or a strategy of such ids.",
            )
        return {"workflow_id": workflow_id}

    def _circumstances(self) -> Circumstances:
        return Circumstances(workflow=self.workflow, values=self.values, mentions=self.mentions)

    @property
    def can_predate(self) -> bool:
        """Whether its code asks about patches at all."""
        return "patched" in self.mentions.names

    def _predates(self, chooser: Chooser, patches: Sequence[str]) -> tuple[str, ...]:
        """Each set of the ids that are known, the empty one first.

        How many questions are asked does not depend on them: with each history more can be known, and the
        numbers that made an earlier one are to make it again.
        """
        if not self.can_predate or chooser.integer(0, _RARELY - 1) < _RARELY - 1:
            return ()
        which = chooser.integer(0, (1 << _BITS) - 1)
        chosen = tuple(patch for place, patch in enumerate(patches) if which >> (place % _BITS) & 1)
        return chosen or tuple(patches)


def plainer_openings(opening: Opening) -> Iterator[Opening]:
    """The same start with one circumstance less, or with less of it."""
    plain = Opening(workflow_type=opening.workflow_type)
    for names in _TOGETHER:
        own = {name: getattr(plain, name) for name in names}
        if any(getattr(opening, name) != value for name, value in own.items()):
            yield dataclasses.replace(opening, **own)
    if opening.attempt > 2:
        yield dataclasses.replace(opening, attempt=2)
    if opening.suggested_from > 1:
        yield dataclasses.replace(opening, suggested_from=1)
    if opening.redeployed_from > 1:
        yield dataclasses.replace(opening, redeployed_from=1)
    for patches in _without_one(opening.predates):
        yield dataclasses.replace(opening, predates=patches)
    for pairs in _without_one(opening.search_attributes):
        yield dataclasses.replace(opening, search_attributes=pairs)
    for fewer in _without_one(tuple(opening.memo.items())):
        yield dataclasses.replace(opening, memo=dict(fewer))


_TOGETHER = (
    ("predates",),
    ("attempt", "last_failure"),
    ("parent",),
    ("cron",),
    ("last_result",),
    ("memo",),
    ("search_attributes",),
    ("suggested_from",),
    ("redeployed_from",),
)
"""Fields of an opening that have something to say only together."""


def _without_one(parts: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for index in range(len(parts) if len(parts) > 1 else 0):
        yield (*parts[:index], *parts[index + 1 :])


def mentioned_by(workflow: type) -> Mentions:
    """What a workflow's code mentions; that of its activities runs elsewhere."""
    return mentions_of(definition_of(workflow).workflow_class, leave_out=_is_activity)


def _is_activity(thing: Any) -> bool:
    return callable(thing) and activity_definition(thing) is not None
