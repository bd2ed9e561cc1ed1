"""The one use case: Histories in, Verdicts out; and what a corpus of fixtures says beside them."""

from __future__ import annotations

from replaykit.check.judging import (
    Check,
    as_narrowed,
    check,
    corpus_findings,
    display,
    fixtures_of,
    others_of,
)

__all__ = ["Check", "as_narrowed", "check", "corpus_findings", "display", "fixtures_of", "others_of"]
