"""Looks for the smallest guard under which the histories that a change breaks replay again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replaykit.code.guarding.changes import Changes
from replaykit.code.guarding.hunks import Form
from replaykit.code.guarding.texts import bound_in, used_in
from replaykit.code.guarding.writing import Guard
from replaykit.fix.materials import Materials
from replaykit.fix.minimal import fewest
from replaykit.fix.plans import Plan, ids_of, named, plans_of, with_whole_loops
from replaykit.fix.trial import Trial
from replaykit.fix.type_fields import is_of_a_type
from replaykit.verdict import Outcome, Verdict

__all__ = ["Found", "Search", "is_as_good"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Guards under which these histories replay, attributes too."""

    plan: Plan
    guards: tuple[Guard, ...]
    """With their patch ids."""
    texts: Mapping[str, str]
    """By relative path, the files with the guards in them."""
    histories: tuple[str, ...]
    """Names of the fixtures."""

    @property
    def patch_ids(self) -> tuple[str, ...]:
        return ids_of(self.guards)


def _closed(guards: Sequence[Guard], every: Sequence[Guard]) -> list[Guard]:
    """Guards with those of what goes by a name that only they bind: older runs would not have it."""
    kept = list(guards)
    while True:
        missing = {
            name
            for guard in kept
            if guard.form is Form.GUARDED
            for name in bound_in(guard.hunk.head) - bound_in(guard.hunk.base)
        }
        more = [g for g in every if g not in kept and missing & used_in(g.hunk.head)]
        if not more:
            return [guard for guard in every if guard in kept]
        kept += more


def is_as_good(verdict: Verdict, base: Verdict, fields: frozenset[str] = frozenset()) -> bool:
    """Whether code replays a History at least as well as the base does, attributes included.

    Args:
        verdict: Of the code.
        base: Of the base.
        fields: Names that a type gained or lost: what differs in these alone is as good.
    """
    if verdict.outcome is not Outcome.DRIFTED:
        return verdict.outcome is Outcome.CONSISTENT
    known = base.drifts if base.outcome is Outcome.DRIFTED else ()
    left = {_drift(drift) for drift in verdict.drifts if not is_of_a_type(drift, fields)}
    return left <= {_drift(drift) for drift in known}


def _quoted(patch_id: str) -> str:
    return f'"{patch_id}"'


def _drift(drift: object) -> tuple[object, ...]:
    return tuple(getattr(drift, name) for name in ("event_id", "field", "recorded", "produced"))


@dataclass(kw_only=True)
class Search:
    """One change, and what it breaks.

    Args:
        trial: Judges by code that no file holds.
        changes: The files of both sides.
        materials: The same as texts.
        fixtures: By name, those that the change breaks.
        at_base: By name, the base's Verdict on each.
        taken: Ids of patches that the histories carry.
        patch_id: What the user wants the patch to be called.
        tidy: Lays a file out as the project's own formatter does.
    """

    trial: Trial
    changes: Changes
    materials: Materials
    fixtures: Mapping[str, Path]
    at_base: Mapping[str, Verdict]
    taken: frozenset[str] = frozenset()
    patch_id: str | None = None
    tidy: Callable[[str, str], str] = lambda file, text: text
    _order: list[str] = field(default_factory=list)

    def found(self) -> Iterator[Found]:
        """Ways to guard the change, the best first: all of these replay what it breaks.

        Where no plan helps all, the last ones help the most workflow types.
        """
        partial: list[tuple[int, Plan, frozenset[str]]] = []
        for plan in plans_of(self.changes):
            good = self._good(plan.guards, list(self.fixtures))
            if len(good) == len(self.fixtures):
                yield from self._smaller(plan, tuple(self.fixtures))
                continue
            types = self._whole_types(good)
            if types:
                partial.append((-len(types), plan, types))
        for _, plan, types in sorted(partial, key=lambda each: each[0]):
            yield from self._smaller(
                plan, tuple(name for name in self.fixtures if self.at_base[name].workflow_type in types)
            )

    def _smaller(self, plan: Plan, histories: tuple[str, ...]) -> Iterator[Found]:
        guards = self._fewest(plan, histories)
        yield from self._around_loops(plan, guards, histories)
        yield self._named(plan, guards, histories)
        if len(guards) < len(plan.guards):
            yield from self._around_loops(plan, plan.guards, histories)
            yield self._named(plan, plan.guards, histories)

    def _around_loops(
        self, plan: Plan, guards: Sequence[Guard], histories: tuple[str, ...]
    ) -> Iterator[Found]:
        """The same with loops in two branches, where these are better to read than guards inside."""
        whole = with_whole_loops(self.changes, plan, guards)
        if whole is None or not self._are_enough(whole.guards, histories):
            return
        are_all = len(guards) == len(plan.guards)
        found = whole.guards if are_all else self._fewest(whole, histories)
        if len(found) < len(guards):
            yield self._named(whole, found, histories)

    def _fewest(self, plan: Plan, histories: tuple[str, ...]) -> list[Guard]:
        found = fewest(plan.guards, lambda some: self._are_enough(some, histories))
        return _closed(found, plan.guards)

    def _named(self, plan: Plan, guards: Sequence[Guard], histories: tuple[str, ...]) -> Found:
        taken = self.taken | self.changes.patches
        final = named(guards, taken, self.patch_id, every=plan.guards)
        texts = self._texts(final)
        return Found(
            plan=plan,
            guards=final,
            texts={file: self.tidy(file, text) for file, text in texts.items()},
            histories=histories,
        )

    def _texts(self, guards: Sequence[Guard]) -> Mapping[str, str]:
        ids = ids_of(guards)
        what = f"patch {' or '.join(map(_quoted, ids))}" if ids else "this change"
        return self.changes.written(guards, mark=f"Kept for runs from before {what}.")

    def _good(self, guards: Sequence[Guard], names: Sequence[str]) -> frozenset[str]:
        verdicts = self._judged(guards, names)
        return frozenset(verdict.history for verdict in verdicts if self._is_good(verdict))

    def _are_enough(self, guards: Sequence[Guard], names: Sequence[str]) -> bool:
        """Those that failed last are asked first."""
        order = sorted(names, key=lambda name: self._order.index(name) if name in self._order else 1_000_000)
        for verdict in self._judged(guards, order):
            if not self._is_good(verdict):
                self._order = [verdict.history, *(n for n in self._order if n != verdict.history)][:20]
                return False
        return True

    def _is_good(self, verdict: Verdict) -> bool:
        return is_as_good(verdict, self.at_base[verdict.history], self.materials.fields)

    def _judged(self, guards: Sequence[Guard], names: Sequence[str]) -> Iterator[Verdict]:
        texts = self.materials.absolute(self._texts(guards))
        return self.trial.judged(texts, {name: self.fixtures[name] for name in names})

    def _whole_types(self, good: frozenset[str]) -> frozenset[str]:
        """Workflow types of which every broken history is among these."""
        types: dict[str, bool] = {}
        for name in self.fixtures:
            kind = self.at_base[name].workflow_type or ""
            types[kind] = types.get(kind, True) and name in good
        return frozenset(kind for kind, whole in types.items() if whole)
