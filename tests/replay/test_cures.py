"""The cures of single causes: each is pasted into the code that it is for, and the History fits again."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from replaykit.check import Check
from replaykit.config import load_config
from replaykit.history import read_history
from replaykit.replay import releases
from replaykit.replay.releases import recorded_by
from replaykit.report.rows import plain_lines
from replaykit.report.verdict_rows import block_of
from replaykit.verdict import Divergence, Outcome, Reason, SuggestionKind, Verdict
from tests.pairs.runs import HISTORIES
from tests.plugin.project import FIXTURE

HEAD = """\
import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RawValue

SOON = timedelta(seconds=10)


"""


def judged(root: Path, name: str, code: str, fixture: Path | str, *, strict: bool = False) -> Verdict:
    """Judge a fixture, or that of a type of `tests/pairs`, by code in a module of its own."""
    module = f"cured_{name}"
    (root / f"{module}.py").write_text(HEAD + code, encoding="utf-8")
    config = f'[tool.replaykit]\nworkflows = ["{module}"]\nstrict = {str(strict).lower()}\n'
    (root / "pyproject.toml").write_text(config, encoding="utf-8")
    path = fixture if isinstance(fixture, Path) else next((HISTORIES / fixture).iterdir())
    with Check(load_config(root)) as check:
        return check.judge_file(path)


def lines_of(verdict: Verdict) -> list[str]:
    return plain_lines(block_of(verdict).whole)


def diverged(verdict: Verdict) -> Divergence:
    assert verdict.divergence is not None, verdict
    return verdict.divergence


def snippet_of(text: str | None) -> str:
    """The code in a cure, dedented."""
    lines = [line for line in (text or "").splitlines() if line.startswith(" ")]
    return textwrap.dedent("\n".join(lines)) + "\n"


def inside(snippet: str) -> str:
    """A snippet as part of a method, which it must be fit for."""
    ast.parse(f"async def run(self):\n{textwrap.indent(snippet, '    ')}")
    return textwrap.indent(snippet, " " * 8)


# Handlers that are gone

BASKET = (
    '@workflow.defn(name="Basket")\n'
    "class Basket:\n"
    "    def __init__(self) -> None:\n"
    "        self.confirmed = False\n\n"
    "    @workflow.run\n"
    "    async def run(self) -> None:\n"
    "        await workflow.wait_condition(lambda: self.confirmed)\n"
    '        await workflow.execute_activity("finish", start_to_close_timeout=SOON)\n\n'
    "    @workflow.signal\n"
    "    async def add(self) -> None:\n"
    '        await workflow.execute_activity("record", start_to_close_timeout=SOON)\n\n'
    "    @workflow.update\n"
    "    async def confirm(self) -> str:\n"
    '        await workflow.execute_activity("check", start_to_close_timeout=SOON)\n'
    "        self.confirmed = True\n"
    '        return "confirmed"\n'
)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("what", "name", "event"), [("signal", "add", 5), ("update", "confirm", 18)])
def test_a_handler_that_was_renamed_keeps_its_name(tmp_path: Path, what: str, name: str, event: int) -> None:
    renamed = BASKET.replace(f"def {name}(", f"def {name}_now(")
    verdict = judged(tmp_path, f"{what}_renamed", renamed, "Basket")
    divergence = diverged(verdict)
    assert divergence.suggestion_kind is SuggestionKind.KEEP_HANDLER
    start = f"{what} '{name}' (event {event}) has no handler in this code (it has '{name}_now')."
    assert (divergence.suggestion or "").startswith(start)
    cure = snippet_of(divergence.suggestion).strip()
    assert cure == f'@workflow.{what}(name="{name}")'
    pasted = renamed.replace(f"@workflow.{what}\n", f"{cure}\n")
    assert judged(tmp_path, f"{what}_cured", pasted, "Basket").is_consistent


DYNAMIC = BASKET.replace("@workflow.signal\n", "@workflow.signal(dynamic=True)\n").replace(
    "def add(self)", "def any_signal(self, name: str, args: Sequence[RawValue])"
)
AT_RUN_TIME = BASKET.replace("    @workflow.signal\n", "").replace(
    "        await workflow.wait_condition(lambda: self.c",
    '        workflow.set_signal_handler("add", self.add)\n'
    "        await workflow.wait_condition(lambda: self.c",
)


@pytest.mark.parametrize("code", [DYNAMIC, AT_RUN_TIME], ids=["dynamic", "at run time"])
def test_a_dynamic_handler_and_one_set_at_run_time_are_handlers(tmp_path: Path, code: str) -> None:
    name = "dynamic" if code is DYNAMIC else "at_run_time"
    assert judged(tmp_path, name, code, "Basket").is_consistent
    idle = code.replace('await workflow.execute_activity("record", start_to_close_timeout=SOON)', "pass")
    divergence = diverged(judged(tmp_path, f"{name}_idle", idle, "Basket"))
    assert divergence.suggestion_kind is SuggestionKind.PATCH
    assert "has no handler" not in (divergence.suggestion or "")


def test_a_signal_that_nobody_ever_took_is_not_blamed_for_another_change(tmp_path: Path) -> None:
    code = BASKET.replace("def add(", "def add_now(").replace(
        "        await workflow.wait_condition(lambda: self.c",
        '        await workflow.execute_activity("first", start_to_close_timeout=SOON)\n'
        "        await workflow.wait_condition(lambda: self.c",
    )
    assert diverged(judged(tmp_path, "not_blamed", code, "Basket")).suggestion_kind is SuggestionKind.PATCH


# Another order

TWO_STEPS = """\
@workflow.defn
class DataProcessingWorkflow:
    @workflow.run
    async def run(self, source: str, queue: str | None = None) -> None:
"""
ROWS = '        await workflow.execute_activity("extract_rows", source, start_to_close_timeout=SOON)\n'
TOTAL = """\
        total = await workflow.execute_activity(
            "load_total",
            3,
            start_to_close_timeout=SOON,
        )
"""


def test_both_orders_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, release = (recorded_by(read_history(FIXTURE)) or "").partition(" ")
    monkeypatch.setattr(releases, "VERSION", release)  # another release would add its advice
    verdict = judged(tmp_path, "reordered", TWO_STEPS + TOTAL + ROWS, FIXTURE)
    divergence = diverged(verdict)
    assert divergence.suggestion_kind is SuggestionKind.REORDERED
    cure = inside(snippet_of(divergence.suggestion))
    assert "..." not in cure
    assert cure.count("extract_rows") == cure.count("load_total") == 2
    assert judged(tmp_path, "both_orders", TWO_STEPS + cure, FIXTURE).is_consistent
    assert len(lines_of(verdict)) < 15


@pytest.mark.parametrize(
    "new",
    [
        '        await asyncio.gather(\n            workflow.execute_activity("load_total", 3,'
        ' start_to_close_timeout=SOON),\n            workflow.execute_activity("extract_rows", source,'
        " start_to_close_timeout=SOON),\n        )\n",
        TOTAL + ROWS.replace("await", "return await"),
    ],
    ids=["one statement", "a return"],
)
def test_an_order_that_the_source_does_not_show_is_left_to_be_filled_in(tmp_path: Path, new: str) -> None:
    name = "gathered" if "gather" in new else "returned"
    cure = inside(snippet_of(diverged(judged(tmp_path, name, TWO_STEPS + new, FIXTURE)).suggestion))
    placeholder = "...  # ActivityTaskScheduled extract_rows first, as it was\n"
    assert placeholder in cure
    old = f"{ROWS.strip()}\n            {TOTAL.replace(chr(10), chr(10) + '    ').strip()}\n"
    assert judged(tmp_path, f"{name}_kept", TWO_STEPS + cure.replace(placeholder, old), FIXTURE).is_consistent


# Another name

ACTIVITY = """\
@activity.defn
async def pull_rows(source: str) -> list[int]:
    return []


@workflow.defn
class DataProcessingWorkflow:
    @workflow.run
    async def run(self, source: str, queue: str | None = None) -> int:
        rows = await workflow.execute_activity(pull_rows, source, start_to_close_timeout=SOON)
        return await workflow.execute_activity("load_total", rows, start_to_close_timeout=SOON)
"""
CHILD = """\
@workflow.defn
class Postcard:
    @workflow.run
    async def run(self) -> None:
        pass


@workflow.defn(name="Mail")
class Mail:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_child_workflow(Postcard.run, id="pairs-letter")
        await workflow.execute_activity("post", start_to_close_timeout=SOON)
"""


@pytest.mark.parametrize(
    ("code", "fixture", "decorator", "cure"),
    [
        (ACTIVITY, FIXTURE, "@activity.defn", '@activity.defn(name="extract_rows")'),
        (CHILD, "Mail", "@workflow.defn", '@workflow.defn(name="Letter")'),
    ],
    ids=["activity", "child"],
)
def test_what_was_renamed_keeps_its_name(
    tmp_path: Path, code: str, fixture: Path | str, decorator: str, cure: str
) -> None:
    name = decorator[1:].partition(".")[0]
    verdict = judged(tmp_path, f"{name}_renamed", code, fixture)
    assert cure in (diverged(verdict).suggestion or "")
    assert len(lines_of(verdict)) < 15
    pasted = code.replace(f"{decorator}\n", f"{cure}\n", 1)
    assert judged(tmp_path, f"{name}_named", pasted, fixture).is_consistent


def test_a_workflow_class_that_was_renamed_keeps_its_name(tmp_path: Path) -> None:
    code = ACTIVITY.replace("pull_rows", "extract_rows")
    renamed = code.replace("class DataProcessingWorkflow", "class DataProcessing")
    verdict = judged(tmp_path, "type_renamed", renamed, FIXTURE)
    assert verdict.reason is Reason.UNKNOWN_WORKFLOW
    cure = '@workflow.defn(name="DataProcessingWorkflow")'
    assert f"Renamed? {cure} keeps the old name." in (verdict.message or "")
    pasted = renamed.replace("@workflow.defn\n", f"{cure}\n")
    again = judged(tmp_path, "type_named", pasted, FIXTURE)
    assert again.is_consistent, again.message


# Something more before the end


def test_what_comes_before_the_end_is_new(tmp_path: Path) -> None:
    more = '        await workflow.execute_activity("notify", start_to_close_timeout=SOON)\n'
    code = TWO_STEPS + ROWS + TOTAL
    divergence = diverged(judged(tmp_path, "more", code + more, FIXTURE))
    assert (divergence.suggestion or "").startswith("this is new since the history was recorded.")
    cure = inside(snippet_of(divergence.suggestion))
    assert judged(tmp_path, "more_guarded", code + cure, FIXTURE).is_consistent


# Where the code stands


def test_where_nothing_comes_any_more_the_waiting_line_is_named(tmp_path: Path) -> None:
    waits = "        await workflow.wait_condition(lambda: False)\n"
    verdict = judged(tmp_path, "waits", TWO_STEPS + ROWS + waits, FIXTURE)
    divergence = diverged(verdict)
    line = (HEAD + TWO_STEPS + ROWS).count("\n") + 1
    assert [(place.file, place.line) for place in divergence.waiting] == [("cured_waits.py", line)]
    assert divergence.source is not None
    assert divergence.source.line == line - 1
    assert f"nothing more and waits at cured_waits.py:{line} in run" in (verdict.message or "")
    assert f"  line      cured_waits.py:{line - 1} in run, of the last command" in lines_of(verdict)
    assert f"  waits     cured_waits.py:{line} in run" in lines_of(verdict)


# The tail of an open History

WAITS = """\
@workflow.defn(name="Waits")
class Waits:
    def __init__(self) -> None:
        self.ready = False

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("prepare", start_to_close_timeout=SOON)
"""
WAIT = "        await workflow.wait_condition(lambda: self.ready)\n"
NAP = "        await workflow.sleep(60)\n"


@pytest.mark.parametrize(
    ("name", "new", "label"), [("nap", NAP + WAIT, "StartTimer 1 min"), ("ends", "", "CompleteWorkflow")]
)
def test_what_the_tail_asks_for_is_shown_with_its_line_and_cure(
    tmp_path: Path, name: str, new: str, label: str
) -> None:
    verdict = judged(tmp_path, name, WAITS + new, "Waits", strict=True)
    assert verdict.outcome is Outcome.DRIFTED
    (drift,) = verdict.drifts
    line = (HEAD + WAITS).count("\n") + (1 if new else 0)
    text = f"the history ends at event 10; the code already asks for {label} at cured_{name}.py:{line} in run"
    assert (drift.message or "").startswith(text)
    assert text in (verdict.message or "")
    assert not any("null" in row for row in lines_of(verdict))
    assert len(lines_of(verdict)) < 15
    cure = inside(snippet_of(drift.suggestion))
    cured = cure.replace("...  # what the code waited for, as it was", WAIT.strip())
    after = WAIT if new else ""
    assert judged(tmp_path, f"{name}_cured", WAITS + cured + after, "Waits", strict=True).is_consistent


# A return in the middle

CHECKOUT = (
    '@workflow.defn(name="Checkout")\n'
    "class Checkout:\n"
    "    @workflow.run\n"
    "    async def run(self) -> None:\n"
    '        await workflow.execute_activity("reserve", start_to_close_timeout=SOON)\n'
    "        HERE\n"
    '        await workflow.execute_activity("charge", start_to_close_timeout=SOON)\n'
    '        await workflow.execute_activity("ship", start_to_close_timeout=SOON)\n'
)


def test_a_return_that_is_new_is_guarded(tmp_path: Path) -> None:
    """Not what comes after it, which is as it was."""
    verdict = judged(tmp_path, "returns", CHECKOUT.replace("HERE", "return"), "Checkout")
    suggestion = diverged(verdict).suggestion or ""
    assert suggestion.startswith("the workflow returns here, and the history goes on. Is that new? Guard it:")
    cured = CHECKOUT.replace("        HERE\n", inside(snippet_of(suggestion)))
    assert judged(tmp_path, "returns_cured", cured, "Checkout").is_consistent


def test_where_nothing_follows_a_return_something_is_gone(tmp_path: Path) -> None:
    gone = CHECKOUT[: CHECKOUT.index("        HERE")] + "        return\n"
    verdict = judged(tmp_path, "ends_early", gone, "Checkout")
    assert (diverged(verdict).suggestion or "").startswith("this is gone since the history was recorded.")
