"""How the code gets to know that something has happened."""

from __future__ import annotations

from typing import Any

from replaykit.explore.growing.service.ledger import Ledger, Pending

__all__ = ["close", "woken"]


def woken(ledger: Ledger) -> bool:
    if ledger.task is not None and ledger.task.is_speculative:
        ledger.keep_task()
    ledger.schedule_task()
    return True


def close(ledger: Ledger, pending: Pending, event: str, **attributes: Any) -> bool:
    del ledger.pending[pending.target]
    ledger.write(event, **attributes)
    return woken(ledger)
