"""One change against one base: finds a guard, and tries it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from replaykit.code.guarding.changes import Changes
from replaykit.config import Config
from replaykit.fix.cure import Cure, Tried
from replaykit.fix.materials import Materials
from replaykit.fix.notes import notes_on, places_of
from replaykit.fix.proof import Grown, compared_runs, grown_by_base, untried_without_explore
from replaykit.fix.search import Found, Search, is_as_good
from replaykit.fix.trial import Trial
from replaykit.fix.type_fields import is_of_a_type, name_of
from replaykit.verdict import Outcome, Reason, Verdict

if TYPE_CHECKING:
    from replaykit.explore.workflows import Key

__all__ = ["Job"]

_RANKS = {Outcome.CONSISTENT: 0, Outcome.DRIFTED: 1, Outcome.UNJUDGED: 2, Outcome.DIVERGED: 3}
_FAILURES = (Reason.WORKFLOW_TASK_FAILED, Reason.TIMED_OUT)


@dataclass(kw_only=True, slots=True)
class Job:
    """A change that breaks something, and what there is to find the guard with."""

    config: Config
    trial: Trial
    materials: Materials
    fixtures: Mapping[str, Path]
    """By name, all of them."""
    head: Mapping[str, Verdict]
    """By name, the change's Verdicts."""
    at_base: Mapping[str, Verdict]
    """By name, the base's Verdicts on those that the change breaks."""
    base_root: Path
    """The project in the base's tree."""
    on_note: Callable[[str], None]
    _refused: list[str] = field(default_factory=list)

    def cure(
        self, broken: Mapping[str, Path], patch_id: str | None, *, tidy: Callable[[str, str], str]
    ) -> tuple[Cure | None, str]:
        """The first guard that stands every trial, and else why there is none."""
        changes = Changes(self.materials.base, self.materials.head)
        search = Search(
            trial=self.trial,
            changes=changes,
            materials=self.materials,
            fixtures=broken,
            at_base=self.at_base,
            taken=frozenset(marker for verdict in self.head.values() for marker in verdict.markers),
            patch_id=patch_id,
            tidy=tidy,
        )
        for found in search.found():
            places = "1 place" if len(found.guards) == 1 else f"{len(found.guards)} places"
            self.on_note(f"trying a guard of {places} ({self.trial.count} tried so far)")
            tried = self._proven(found)
            if tried is not None:
                return self._made(found, tried), ""
        return None, self._why_none(changes, broken)

    def _why_none(self, changes: Changes, broken: Iterable[str]) -> str:
        if self._refused:
            return f"no guard stood the trial: {self._refused[-1]} ({self.trial.count} were tried)"
        if changes.obstacles:
            return "; ".join(changes.obstacles)
        if all(self.head[name].reason is Reason.UNKNOWN_WORKFLOW for name in broken):
            return (
                "the change has no such workflow: bring its class back, or its module in workflows of "
                "[tool.replaykit], until the runs of it have ended"
            )
        if not changes.is_any:
            return (
                "the source that the workflow was loaded from is as in the base: what differs lies "
                "elsewhere, such as in a library, a setting or generated code"
            )
        return (
            f"none of {self.trial.count} ways to keep both sides of the change replays it: the base's code "
            "needs what the change took away, or the change lies where no patch reaches, such as in a type "
            "or a decorator"
        )

    def _proven(self, found: Found) -> Tried | None:
        """What was compared; None where something speaks against it, which is noted."""
        texts = self.materials.absolute(found.texts)
        types = sorted({self.at_base[name].workflow_type or "" for name in found.histories})
        recorded = [*self.trial.judged(texts, self.fixtures, afresh=True)]
        against = [*self._against(found, recorded)]
        old = new = untried_without_explore(types) or Grown()
        if not against and not old.untried:
            keys = self._keys(found)
            new = Grown() if found.plan.turns else compared_runs(keys, self.trial, texts)
            old = grown_by_base(self.config, keys, self.trial, texts, self.base_root)
        against += [*old.failures, *new.failures]
        if against:
            self._refused.append(against[0])
            return None
        return Tried(
            histories=len(found.histories),
            diverged=all(self.head[name].outcome is Outcome.DIVERGED for name in found.histories),
            others=len(self.fixtures) - len(found.histories),
            base_runs=old.count,
            new_runs=new.count,
            candidates=self.trial.count,
            not_tried={**new.untried, **old.untried},
            fields=self._fields_in(recorded),
        )

    def _keys(self, found: Found) -> list[Key]:
        """The workflows that it is about, as growing knows them."""
        from replaykit.explore.workflows import Key

        about = [(self.head[name], self.at_base[name]) for name in found.histories]
        kinds = dict.fromkeys(
            (head.worker or base.worker or "", base.workflow_type or "") for head, base in about
        )
        return [Key(worker, kind) for worker, kind in kinds]

    def _against(self, found: Found, recorded: Iterable[Verdict]) -> Iterator[str]:
        """What recorded histories have against it, judged in a process that has run nothing else."""
        cured = frozenset(found.histories)
        for verdict in recorded:
            name = verdict.history
            if name in cured and not is_as_good(verdict, self.at_base[name], self.materials.fields):
                yield f"{name} does not replay with it as in the base: {_short(verdict)}"
            elif name not in cured and _rank(verdict) > _rank(self.head[name]):
                yield f"{name} would be {verdict.outcome} with it: {_short(verdict)}"

    def _fields_in(self, recorded: Iterable[Verdict]) -> tuple[str, ...]:
        """Fields of types in which what runs ask for is not as recorded."""
        drifts = (drift for verdict in recorded for drift in verdict.drifts)
        fields = self.materials.fields
        return tuple(sorted({name_of(drift) for drift in drifts if is_of_a_type(drift, fields)}))

    def _failure(self, found: Found) -> str:
        """How the change fails on a history that is cured; empty where it only asks for something else."""
        failing = (self.head[name] for name in found.histories if self.head[name].reason in _FAILURES)
        return next(map(_short, failing), "")

    def _made(self, found: Found, tried: Tried) -> Cure:
        return Cure(
            before={file: self.materials.head[file] for file in found.texts if file in self.materials.head},
            after=found.texts,
            places=places_of(found),
            patch_ids=found.patch_ids,
            tried=tried,
            histories=found.histories,
            notes=notes_on(found, fields=tried.fields, failure=self._failure(found)),
        )


def _rank(verdict: Verdict) -> int:
    """How bad it is; a History without a command has nothing against any code."""
    return 0 if verdict.reason is Reason.VACUOUS else _RANKS[verdict.outcome]


def _short(verdict: Verdict) -> str:
    if verdict.divergence is not None:
        return verdict.divergence.message.splitlines()[0]
    if verdict.drifts:
        drift = verdict.drifts[0]
        return f"event {drift.event_id}: {drift.field} was {drift.recorded} and is {drift.produced}"
    return (verdict.message or "no reason is known").splitlines()[0]
