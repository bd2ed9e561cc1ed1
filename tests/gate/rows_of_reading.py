"""Ways to bury a failure among others: what a gate shows first, folds, and counts."""

from __future__ import annotations

from collections.abc import Callable

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, UNCHANGED, Repository
from tests.gate.rows_of_fixtures import another_fixture, on_main

__all__ = ["ROWS"]

_OTHERS = ("b", "c", "d", "e")
_KNOWN = UNCHANGED.replace('"extract_rows", source,', '"extract_rows", source + "!",').replace(
    '"load_total", rows,', '"load_total", [rows, rows],'
)
_LAST = "rows, start_to_close_timeout=SOON"
_SUMMARY = UNCHANGED.replace("start_to_close_timeout=SOON", 'start_to_close_timeout=SOON, summary="new"')
_ONE_DIFFERS = CHANGED.replace(
    '"validate_source", source,',
    '"validate_source" if workflow.info().workflow_id != "c" else "check_source", source,',
)


def many(code: str, *, base: str = UNCHANGED) -> Callable[[Repository], None]:
    """Five fixtures of one workflow, and a change that all of them meet."""

    def make(repository: Repository) -> None:
        on_main(repository, lambda: repository.code(base + "\n# of both sides\n"))
        for name in _OTHERS:
            another_fixture(repository, name=name)
        repository.code(code)
        repository.commit()

    return make


def strict(code: str, *, base: str) -> Callable[[Repository], None]:
    def make(repository: Repository) -> None:
        on_main(repository, lambda: repository.code(base + "\n# of both sides\n"))
        repository.code(code)
        repository.commit()

    return make


ROWS = (
    Row(
        name="one kind in five histories",
        make=many(CHANGED),
        exit_code=1,
        rule="new-divergence",
        text="failures (1, in 5 histories)",
    ),
    Row(
        name="the names of the first few of them",
        make=many(CHANGED),
        exit_code=1,
        rule="new-divergence",
        text="and 2 more",
        absent="histories/e.json",
    ),
    Row(
        name="each of them, verbose, with Core's text",
        make=many(CHANGED),
        arguments=("--verbose",),
        exit_code=1,
        text="histories/e.json: diverged",
    ),
    Row(
        name="Core's own text, verbose",
        make=many(CHANGED),
        arguments=("--verbose",),
        exit_code=1,
        text="[TMPRL1100] Nondeterminism error",
    ),
    Row(
        name="another kind at the same line among four of one kind",
        make=many(_ONE_DIFFERS),
        exit_code=1,
        rule="new-divergence",
        text="gate failed: 2 failures in 5 histories",
    ),
    Row(
        name="the command of the one that differs",
        make=many(_ONE_DIFFERS),
        exit_code=1,
        text="asked for ScheduleActivity check_source",
    ),
    Row(
        name="a known failure in five histories",
        make=many(CHANGED + "\n# more\n", base=CHANGED),
        exit_code=0,
        rule="inherited",
        text="not blamed on this change (1, in 5 histories)",
    ),
    Row(
        name="a new timeout after known arguments",
        make=strict(
            _KNOWN.replace(
                "[rows, rows], start_to_close_timeout=SOON", "[rows, rows], start_to_close_timeout=2 * SOON"
            ),
            base=_KNOWN,
        ),
        arguments=("--strict",),
        exit_code=1,
        rule="new-drift",
        text="activity.start_to_close_timeout was 10 s, is 20 s; the base has 2 others too",
    ),
    Row(
        name="a timeout after summaries",
        make=strict(_SUMMARY.replace(_LAST, _LAST.replace("SOON", "2 * SOON")), base=UNCHANGED),
        arguments=("--strict",),
        exit_code=1,
        rule="new-drift",
        text="drift event 11 activity.start_to_close_timeout at flows.py",
    ),
    Row(
        name="summaries beside a timeout are counted",
        make=strict(_SUMMARY.replace(_LAST, _LAST.replace("SOON", "2 * SOON")), base=UNCHANGED),
        arguments=("--strict",),
        exit_code=1,
        text="2 cosmetic (--verbose)",
        absent="activity.summary",
    ),
)
