"""The HTML page as text and data: lanes, value diffs, anchors, escaping."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from replaykit.history import TimelineRow
from replaykit.report.html import Page, entry_of, render_html, render_page
from replaykit.report.html.diffs import value_diff
from replaykit.report.html.lanes import LANES, lane_of, spans_of
from replaykit.trust import Finding, FindingKind
from replaykit.verdict import Report
from replaykit.visible import visible
from tests.report import verdicts


def row(event_id: int, label: str, *links: int) -> TimelineRow:
    return TimelineRow(
        event_id=event_id,
        time=None,
        elapsed_s=None,
        name=label.split()[0].rstrip(":"),
        label=label,
        links=links,
    )


class Elements(HTMLParser):
    """Every element of a page, and what stands in its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.inside = False


@pytest.mark.parametrize(
    ("label", "lane"),
    [
        ("WorkflowTaskScheduled", "tasks"),
        ("ActivityTaskTimedOut StartToClose", "activities"),
        ("MarkerRecorded local activity greet", "activities"),
        ("MarkerRecorded patch x", "other"),
        ("TimerCanceled 7", "timers"),
        ("StartChildWorkflowExecutionInitiated Child (c)", "children"),
        ("NexusOperationStarted", "children"),
        ("WorkflowExecutionSignaled go", "messages"),
        ("WorkflowExecutionUpdateAccepted set", "messages"),
        ("ExternalWorkflowExecutionSignaled x", "messages"),
        ("WorkflowExecutionCompleted", "other"),
        ("UpsertWorkflowSearchAttributes", "other"),
    ],
)
def test_lane_of_an_event(label: str, lane: str) -> None:
    assert LANES[lane_of(row(1, label))] == lane


def test_spans_run_from_what_asked_to_what_closed_and_lie_side_by_side() -> None:
    rows = [
        row(1, "WorkflowExecutionStarted Order"),
        row(2, "ActivityTaskScheduled a", 1),
        row(3, "ActivityTaskScheduled b", 1),
        row(4, "TimerStarted 30 s", 1),
        row(5, "ActivityTaskStarted", 3),
        row(6, "ActivityTaskFailed: no", 3, 5),
        row(7, "TimerCanceled 1", 4),
        row(8, "ActivityTaskScheduled c", 1),
    ]
    spans = {tuple(rows[index].event_id for index in span.events): span for span in spans_of(rows)}
    assert {ids: (LANES[s.lane], s.track, s.state) for ids, s in spans.items()} == {
        (1,): ("other", 0, "done"),
        (2,): ("activities", 0, "open"),
        (3, 5, 6): ("activities", 1, "failed"),
        (4, 7): ("timers", 0, "cancelled"),
        (8,): ("activities", 1, "open"),
    }
    assert (spans[(2,)].last, spans[(3, 5, 6)].last) == (7, 5)


def test_a_wide_fan_out_keeps_a_lane_low_and_links_may_dangle() -> None:
    rows = [row(number, "ActivityTaskScheduled a", 99) for number in range(1, 41)]
    assert max(span.track for span in spans_of(rows)) == 7
    assert len(spans_of(rows)) == 40


def test_value_diff_marks_what_differs_and_leaves_out_what_does_not() -> None:
    before = {"lines": list(range(20)), "express": False, "note": None}
    after = {"lines": list(range(20)), "express": True, "note": None, "channel": "web"}
    rows = value_diff(before, after)
    assert rows == [
        ("~", [(False, "20 equal lines")]),
        ("=", [(False, "    18,")]),
        ("=", [(False, "    19")]),
        ("=", [(False, "  ],")]),
        ("-", [(False, '  "express": '), (True, "false"), (False, ",")]),
        ("+", [(False, '  "express": '), (True, "true"), (False, ",")]),
        ("=", [(False, '  "note": null,')]),
        ("+", [(False, '  "channel": "web"')]),
        ("=", [(False, "}")]),
    ]


def test_value_diff_of_text_of_kinds_and_of_very_long_values() -> None:
    assert value_diff("30s", "60s") == [("-", [(True, "30s")]), ("+", [(True, "60s")])]
    assert value_diff("1", 1) == [("-", [(True, '"'), (False, "1"), (True, '"')]), ("+", [(False, "1")])]
    assert value_diff(None, "x")[0] == ("-", [(True, "null")])
    assert value_diff({1, 2}, {1, 2})  # nothing that JSON knows
    long = value_diff("x" * 100_000, "y" * 100_000)
    assert max(len(text) for _, pieces in long for _, text in pieces) == 20_000
    assert any("cut: 80000 more characters" in text for _, pieces in long for _, text in pieces)


def test_each_verdict_has_a_permanent_link_of_its_own() -> None:
    names = ["a/b.json", "a/b.json.gz", "ä b.json", "x y.json", "../../up.json"]
    entries = [entry_of(verdicts.unjudged(name)) for name in names]
    for entry, name in zip(entries, names, strict=True):
        entry["summary"]["history"] = name
    page = render_page(Page(entries=entries, duration_s=0))
    summaries = json.loads(Elements(page).scripts[0])
    anchors = {summary["history"]: summary["anchor"] for summary in summaries}
    assert anchors == {
        "../../up.json": "up",
        "a/b.json": "a/b",
        "a/b.json.gz": "a/b-2",
        "x y.json": "x-y",
        "ä b.json": "b",
    }


def test_an_entry_is_plain_json() -> None:
    for verdict in (verdicts.diverged(), verdicts.drifted(), verdicts.consistent(), verdicts.hostile()):
        entry = entry_of(verdict)
        assert json.loads(json.dumps(entry, allow_nan=False))["summary"]["outcome"] == verdict.outcome.value


def test_nothing_of_a_history_is_markup() -> None:
    clean = Elements(render_html(Report.of([verdicts.diverged(), verdicts.drifted()])))
    dirty = Elements(render_html(Report.of([verdicts.hostile(), verdicts.hostile()])))
    assert [tag for tag, _ in dirty.tags if tag in ("img", "script")] == [
        tag for tag, _ in clean.tags if tag in ("img", "script")
    ]
    assert not any(name.startswith("on") for _, attributes in dirty.tags for name in attributes)
    story = json.loads(dirty.scripts[1])
    assert story["divergence"]["raw"] == verdicts.HOSTILE
    assert "49" not in story["divergence"]["raw"]


def test_text_that_utf8_cannot_carry_is_kept() -> None:
    verdict = verdicts.unjudged("broken-\ud800")
    page = render_html(Report.of([verdict]))
    assert json.loads(Elements(page).scripts[0])[0]["message"] == visible(verdict.message or "")
    page.encode()


def test_the_policy_names_exactly_the_script_and_the_style() -> None:
    page = render_html(Report.of([verdicts.diverged()]))
    elements = Elements(page)
    policy = next(a["content"] for t, a in elements.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    for text, directive in ((elements.scripts[-1], "script-src"), (style[0], "style-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert len(style) == 1


def test_no_address_of_the_network_is_in_the_page() -> None:
    page = render_html(Report.of([verdicts.diverged()]))
    assert set(re.findall(r"\b\w+://[\w./]+", page)) == {
        "http://www.w3.org/2000/svg"
    }  # a name, never asked for
    assert not re.search(r"<(link|script|img|iframe)[^>]+(href|src)=\"(?!data:,)", page)
    assert "@import" not in page
    assert "url(" not in page


def test_findings_stand_beside_the_verdicts() -> None:
    finding = Finding(
        kind=FindingKind.WORKFLOW_WITHOUT_FIXTURE,
        subject="<b>Lonely</b>",
        message="no fixture",
        cure="Capture one",
        fails=True,
    )
    page = render_html(Report.of([verdicts.consistent()], findings=[finding]))
    assert "1 workflow has no fixture, so this check fails" in page
    assert "&lt;b&gt;Lonely&lt;/b&gt;" in page


def test_an_empty_report_is_not_green() -> None:
    page = render_html(Report.of([]))
    assert "Nothing was replayed" in page
    assert "replaykit capture" in page
