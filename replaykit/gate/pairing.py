"""Brings the Verdicts of the change's code and of the base's together, fixture by fixture."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from replaykit.check import Judge, Named
from replaykit.config import StrictPolicy
from replaykit.errors import HistoryError
from replaykit.gate.against_base import Judged
from replaykit.gate.base_verdicts import Request
from replaykit.gate.changes import FixtureChange
from replaykit.gate.steadiness import with_unsteady
from replaykit.history import read_history
from replaykit.paths import display
from replaykit.verdict import Report, Severity, Verdict

__all__ = ["by_key", "keyed", "old_key", "paired", "paired_old", "steadily"]


def keyed(files: Iterable[Path]) -> dict[str, Path]:
    """Fixtures by their keys: the paths that a report shows."""
    return {display(path): path.absolute() for path in files}


def old_key(change: FixtureChange) -> str:
    """The key of the base's version of a fixture."""
    return f"base:{change.name}"


def by_key(report: Report) -> dict[str, Verdict]:
    """The Verdicts of a Report, each under the key of its fixture."""
    return {verdict.history: verdict for verdict in report.verdicts}


def paired(
    head: Mapping[str, Verdict], base: Mapping[str, Verdict], policy: StrictPolicy
) -> Iterator[Judged]:
    """Each fixture with its Verdicts under both codes.

    Args:
        head: Those of the change's code, by key.
        base: Those of the base's.
        policy: Which drifts fail.
    """
    for key, verdict in head.items():
        yield Judged(key=key, asked=key, head=verdict, base=base.get(key), fail_on=_fail_on(verdict, policy))


def _fail_on(verdict: Verdict, policy: StrictPolicy) -> Severity:
    return policy.of(verdict.workflow_type or "").fail_on


def steadily(
    judged: Sequence[Judged], old: Sequence[Judged], request: Request, added: Collection[str]
) -> tuple[list[Judged], list[Judged]]:
    """The same, with what the base does not answer alike in each run marked; all of them asked together.

    Args:
        judged: The fixtures of the change, under both codes.
        old: Those that it took away or recorded again.
        request: What the base was asked.
        added: Keys of fixtures that came with the change.
    """
    both = with_unsteady([*judged, *old], request, added)
    return both[: len(judged)], both[len(judged) :]


def paired_old(judge: Judge, changes: Sequence[FixtureChange], base: Mapping[str, Verdict]) -> list[Judged]:
    """The same for the fixtures that the change took away or recorded again, as the base has them.

    Args:
        judge: The change's code.
        changes: What became of them.
        base: Verdicts of the base's code, by `old_key`.
    """
    policy = judge.config.strict_policy
    heads = {change.name: _old_verdict(judge, change) for change in changes}
    return [
        Judged(
            key=change.name,
            asked=old_key(change),
            head=heads[change.name],
            base=base.get(old_key(change)),
            fail_on=_fail_on(heads[change.name], policy),
        )
        for change in changes
    ]


def _old_verdict(judge: Judge, change: FixtureChange) -> Verdict:
    """The Verdict of the change's code on a fixture as the base has it, by the worker of its place."""
    try:
        history = read_history(change.old.path)
    except HistoryError:
        return replace(judge.judge(change.old.path), history=change.name)
    return judge.judge(Named(history=replace(history, path=change.path), name=change.name))
