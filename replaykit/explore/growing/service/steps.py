"""What can happen next in a run, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.subjects import OPEN, OUTSIDE_STEPS
from replaykit.explore.growing.service.subjects.rules import NEVER, Possible
from replaykit.explore.growing.service.subjects.run_end import possible_end
from replaykit.explore.scenario import Step

__all__ = ["apply", "possible"]


def possible(ledger: Ledger) -> Iterator[Possible]:
    """Everything that the run's own commands allow to happen next, in a stable order.

    Signals, updates, queries and cancellation come from outside, at any time: they are not among these.
    """
    if ledger.is_closed:
        return
    pending = [(one, OPEN[one.target.subject]) for one in ledger.pending.values()]
    horizon = min((rules.deadline(ledger, one) for one, rules in pending), default=NEVER)
    for one, rules in pending:
        yield from rules.possible(ledger, one, horizon)
    yield from possible_end(ledger, horizon)


def apply(ledger: Ledger, step: Step) -> None:
    """Let a step happen.

    Raises:
        LookupError: Nothing of that name is open, so the step cannot happen here.
    """
    ledger.tick()
    if step.target is None:
        OUTSIDE_STEPS[step.kind](ledger, step)
        return
    pending = ledger.pending.get(step.target)
    if pending is None:
        raise LookupError(f"{step.target} is not open")
    OPEN[step.target.subject].apply(ledger, pending, step)
