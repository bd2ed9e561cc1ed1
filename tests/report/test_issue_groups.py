"""Many histories of one kind are one finding, an identical cure is shown once, and verbose shows it all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO

import pytest

from replaykit.gate.new_drifts import with_new_first
from replaykit.history.durations import TimeSpan
from replaykit.issue import Issue, Issues, Level, Replacement
from replaykit.report.code_quality import render_code_quality
from replaykit.report.github import annotation_lines, render_summary
from replaykit.report.issue_groups import grouped
from replaykit.report.issue_kinds import kind_of
from replaykit.report.issues_json import render_issues_json
from replaykit.report.junit import render_junit
from replaykit.report.markdown import render_markdown
from replaykit.report.report_issues import issue_of, title_of
from replaykit.report.sarif import render_sarif
from replaykit.report.terminal import make_console
from replaykit.report.terminal_issues import print_issues
from replaykit.verdict import Divergence, Drift, Outcome, Reason, Severity, SourceLine, Verdict

LINE = SourceLine(file="flows.py", line=31, function="run")
CURE = 'Guard it:\n    if workflow.patched("x"):\n        await f()'


def diverged(name: str, **changes: object) -> Verdict:
    fields: dict[str, object] = {
        "event_id": 5 + 6 * len(name),
        "recorded": "ActivityTaskScheduled pay",
        "produced": "ScheduleActivity check",
        "source": LINE,
        "message": "it differs",
        "suggestion": CURE,
        "raw": "",
        **changes,
    }
    return Verdict(
        history=f"histories/{name}.json",
        workflow_type="Order",
        workflow_id=name,
        outcome=Outcome.DIVERGED,
        message="recorded pay, and the code asked for check",
        detail=f"Core's own text about {name}",
        divergence=Divergence(**fields),  # type: ignore[arg-type]
    )


def drifted(name: str, *drifts: Drift) -> Verdict:
    return Verdict(
        history=f"histories/{name}.json",
        workflow_type="Order",
        outcome=Outcome.DRIFTED,
        message="it drifts",
        drifts=drifts,
    )


def drift(field: str, recorded: object, produced: object, **changes: object) -> Drift:
    fields: dict[str, object] = {"event_id": 5, "severity": Severity.BEHAVIOURAL, "source": LINE, **changes}
    return Drift(field=field, recorded=recorded, produced=produced, **fields)  # type: ignore[arg-type]


def raised(name: str, error: str, *, line: int = 7) -> Verdict:
    return Verdict(
        history=f"histories/{name}.json",
        workflow_type="Order",
        outcome=Outcome.UNJUDGED,
        reason=Reason.WORKFLOW_TASK_FAILED,
        message=f"the code raised {error} at flows.py:{line} in run",
        source=SourceLine(file="flows.py", line=line, function="run"),
    )


def found(*verdicts: Verdict, rule: str = "new-divergence", level: Level = Level.FAIL) -> Issues:
    issues = [issue_of(verdict, rule, level, title_of(verdict)) for verdict in verdicts]
    return Issues(name="replaykit gate", headline="gate failed", exit_code=1, issues=issues)


def shown(issues: Issues, *, verbose: bool = False) -> str:
    out = StringIO()
    print_issues(issues, make_console(out), verbose=verbose)
    return out.getvalue()


NAMES = [f"o{'r' * number}" for number in range(12)]
MANY = found(*map(diverged, NAMES))


def test_many_histories_of_one_kind_are_one_finding_with_a_count_and_the_first_names() -> None:
    text = shown(MANY)
    assert "failures (1, in 12 histories)" in text
    assert text.count("new-divergence: ") == 1
    assert "check (12 histories)\n    histories: histories/o.json, histories/or.json" in text
    assert "histories/orr.json and 9 more" in text
    assert "histories/orrr.json" not in text
    assert text.count("Guard it:") == 1


def test_a_single_history_is_shown_without_a_count() -> None:
    text = shown(found(diverged("o")))
    assert "failures (1)\n" in text
    assert "histories:" not in text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            diverged("a"), diverged("b", source=replace(LINE, line=32)), id="another line of the code"
        ),
        pytest.param(
            diverged("a", produced=None),
            diverged("b", produced=None, recorded="TimerStarted 5 s"),
            id="another event, and nothing in its place",
        ),
        pytest.param(diverged("a"), diverged("b", produced="ScheduleActivity ship"), id="another command"),
        pytest.param(raised("a", "KeyError: 1"), raised("b", "ValueError: 1"), id="another error"),
        pytest.param(raised("a", "KeyError: 1"), raised("b", "KeyError: 1", line=8), id="another line"),
        pytest.param(
            drifted("a", drift("timer.start_to_fire_timeout", TimeSpan(1), TimeSpan(2))),
            drifted("b", drift("timer.start_to_fire_timeout", TimeSpan(1), TimeSpan(9))),
            id="another duration",
        ),
        pytest.param(
            drifted("a", drift("activity.arguments[0]", 1, 2)),
            drifted("b", drift("activity.arguments[1]", 1, 2)),
            id="another attribute",
        ),
        pytest.param(
            drifted("a", drift("activity.arguments[0]", 1, 2)),
            drifted("b", drift("activity.arguments[0]", 1, 2), drift("timer.x", 1, 2)),
            id="one drift more",
        ),
        pytest.param(
            replace(diverged("a", source=None), workflow_type="Bill"),
            diverged("b", source=None),
            id="a workflow of another type, and no line",
        ),
    ],
)
def test_what_differs_in_kind_is_another_finding(one: Verdict, other: Verdict) -> None:
    assert len(grouped(found(one, other).issues)) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            diverged("a", recorded="StartChildWorkflow Step (id a)", produced="ScheduleActivity b (id 1)"),
            diverged("bb", recorded="StartChildWorkflow Step (id b)", produced="ScheduleActivity b (id 2)"),
            id="ids and numbers of events",
        ),
        pytest.param(
            diverged("a"), diverged("b", recorded="TimerStarted 5 s"), id="one line, wherever a run stands"
        ),
        pytest.param(
            replace(diverged("a"), workflow_type="Bill"), diverged("b"), id="one line, in two workflows"
        ),
        pytest.param(raised("a", "KeyError: 'order-1'"), raised("b", "KeyError: 'order-2'"), id="messages"),
        pytest.param(
            drifted("a", drift("activity.arguments[0].id", "a", "A")),
            drifted("b", drift("activity.arguments[0].id", "b", "B", event_id=11)),
            id="data of a run",
        ),
        pytest.param(
            replace(diverged("a"), message="histories/a.json differs"),
            replace(diverged("b"), message="histories/b.json differs"),
            id="names of files",
        ),
    ],
)
def test_what_differs_from_run_to_run_is_one_kind(one: Verdict, other: Verdict) -> None:
    assert kind_of(one) == kind_of(other)
    (group,) = grouped(found(one, other).issues)
    assert [issue.history for issue in group.issues] == [one.history, other.history]


def test_levels_rules_and_waivers_are_kept_apart() -> None:
    (issue,) = found(diverged("a")).issues
    others = [
        replace(issue, level=Level.NOTE),
        replace(issue, rule="inherited"),
        replace(issue, is_waived=True),
    ]
    assert len(grouped([issue, *others])) == 4


def test_issues_without_a_kind_are_never_joined() -> None:
    issue = Issue(rule="unused-waiver", level=Level.WARN, title="a waiver is not needed any more")
    assert len(grouped([issue, issue])) == 2


def test_annotations_are_one_a_finding_so_that_ten_of_one_kind_do_not_hide_another() -> None:
    other = found(diverged("z", produced="ScheduleActivity ship")).issues
    issues = replace(MANY, issues=(*MANY.issues, *other))
    first, second = annotation_lines(issues)
    assert "(12 histories)%0Ahistories: histories/o.json" in first
    assert "histories" in second
    assert "ship" in second
    assert "listed only here" not in render_summary(issues)


def test_files_that_tools_read_list_each_history() -> None:
    names = [f"histories/{name}.json" for name in NAMES]
    assert [issue["history"] for issue in json.loads(render_issues_json(MANY))["issues"]] == names
    (run,) = json.loads(render_sarif(MANY))["runs"]
    assert len(run["results"]) == len(json.loads(render_code_quality(MANY))) == 12
    assert render_junit(MANY).count("<failure ") == 12
    assert all(CURE.splitlines()[0] in result["message"]["text"] for result in run["results"])


def test_the_comment_has_one_entry_for_all() -> None:
    text = render_markdown(MANY)
    assert "#### Failures (1, in 12 histories)" in text
    assert text.count("**new\\-divergence**") == 1
    assert "<details><summary>12 histories</summary>" in text
    assert "histories/orr.json and 9 more" in text


def of_two_lines(*, second: str = CURE) -> Issues:
    return found(diverged("a"), diverged("b", source=replace(LINE, line=40), suggestion=second))


@pytest.mark.parametrize("render", [shown, render_markdown], ids=["terminal", "markdown"])
def test_an_identical_cure_is_shown_once(render: object) -> None:
    assert callable(render)
    text = render(of_two_lines())
    assert text.count("workflow.patched") == 1
    assert text.index("workflow.patched") < text.index("flows.py:40")
    assert "the one above, of: Order diverged" in text
    other = render(of_two_lines(second=CURE.replace("x", "y")))
    assert other.count("workflow.patched") == 2
    assert "the one above" not in other


def test_a_cure_beside_the_text_is_shown_once_too() -> None:
    issues = [
        Issue(rule="deleted-fixture", level=Level.WARN, title=f"{n} is gone", cure="Get it back.")
        for n in range(3)
    ]
    text = shown(Issues(name="replaykit gate", headline="", exit_code=0, issues=issues))
    assert text.count("Get it back.") == 1
    assert text.count("the one above, of: 0 is gone") == 2


def test_cures_of_one_finding_that_differ_are_shown_and_counted() -> None:
    issues = [
        replace(issue, cure=f"git checkout main -- {issue.history}", cure_in_text=False, advice="")
        for issue in MANY.issues
    ]
    text = shown(replace(MANY, issues=issues))
    assert text.count("cure: git checkout main -- ") == 3
    assert "and 9 more like these (--verbose)" in text
    assert shown(replace(MANY, issues=issues), verbose=True).count("cure: git checkout main -- ") == 12


def test_a_cure_that_had_no_room_in_the_comment_is_not_pointed_to() -> None:
    first, second = of_two_lines().issues
    first = replace(first, text=f"{'x' * 5_000}\n{first.advice}")
    text = render_markdown(replace(MANY, issues=(first, second)), most=3_000)
    assert "xxx" not in text
    assert text.count("workflow.patched") == 1
    assert "the one above" not in text


def test_verbose_shows_each_history_core_and_the_notes() -> None:
    usual, whole = shown(MANY), shown(MANY, verbose=True)
    assert "Core's own text" not in usual
    for name in NAMES:
        assert f"    histories/{name}.json: diverged\n" in whole
        assert f"Core's own text about {name}\n" in whole
    assert whole.count("workflow.patched") == 1
    notes = found(diverged("a"), rule="inherited", level=Level.NOTE)
    assert "Core's own text" not in shown(notes)
    assert "Core's own text about a" in shown(notes, verbose=True)


def test_a_note_of_many_histories_is_one_line() -> None:
    text = shown(found(*map(diverged, NAMES), rule="inherited", level=Level.NOTE))
    lines = text.splitlines()
    assert lines[0] == "not blamed on this change (1, in 12 histories)"
    assert lines[1].endswith("(12 histories)")
    assert lines[2] == ""


def of_many(*, new: Sequence[Drift]) -> tuple[Verdict, Verdict]:
    old = [drift("activity.arguments[0]", "a", "b", event_id=number) for number in (5, 11, 17, 23)]
    return drifted("a", *old), drifted("a", *old, *new)


def test_the_drift_that_the_base_has_not_comes_first() -> None:
    new = drift("timer.start_to_fire_timeout", 1, 2, event_id=29, source=replace(LINE, line=50))
    cosmetic = drift("timer.summary", "x", "y", event_id=28, severity=Severity.COSMETIC)
    before, now = of_many(new=[cosmetic, new])
    first = with_new_first(now, before, Severity.BEHAVIOURAL)
    issue = issue_of(first, "new-drift", Level.FAIL, "x")
    assert (issue.file, issue.line) == ("flows.py", 50)
    assert issue.text.index("timer.start_to_fire_timeout") < issue.text.index("activity.arguments")
    assert "and 2 more, 1 cosmetic (--verbose)" in issue.text
    assert title_of(first) == (
        "Order drifted: event 29: timer.start_to_fire_timeout was 1, is 2; the base has 4 others too"
    )
    strictest = title_of(with_new_first(now, before, Severity.COSMETIC))
    assert "is 2; and 1 more; the base has 4 others too" in strictest, "there the cosmetic one fails, too"


def test_drifts_stay_as_they_are_where_all_are_new_or_all_are_old() -> None:
    before, now = of_many(new=[])
    assert with_new_first(now, before, Severity.BEHAVIOURAL) is now
    assert with_new_first(now, None, Severity.BEHAVIOURAL) is now
    fresh = drifted("a", drift("timer.x", 1, 2))
    assert with_new_first(fresh, before, Severity.BEHAVIOURAL) is fresh
    before, now = of_many(new=[drift("timer.summary", "x", "y", severity=Severity.COSMETIC)])
    assert with_new_first(now, before, Severity.BEHAVIOURAL) is now, "the new one fails nothing"


def test_a_cure_that_was_tried_is_a_diff_and_suggestions_in_markdown() -> None:
    (hint,) = found(diverged("o")).issues
    assert hint.is_hint
    cured = replace(
        hint,
        text=hint.text.removesuffix(hint.advice).rstrip(),
        advice="",
        cure="tried: 12 histories replay with it\nIt is written by: replaykit fix --apply",
        cure_in_text=False,
        diff="--- a/flows.py\n+++ b/flows.py\n@@ -31 +31,2 @@\n-    one()\n+    two()\n",
        replacements=(Replacement(file="flows.py", first=31, last=31, text="    two()\n"),),
    )
    assert not cured.is_hint
    text = render_markdown(Issues(name="replaykit gate", headline="failed", exit_code=1, issues=(cured,)))
    assert "**Cure**, tried: 12 histories replay with it" in text
    assert "```diff\n--- a/flows.py\n+++ b/flows.py\n@@ -31 +31,2 @@\n-    one()\n+    two()\n```" in text
    assert "`flows.py`, in place of line 31\n\n```suggestion\n    two()\n```" in text
    assert "cure:" not in text
