"""The HTML page in a real Chromium: what a person sees, clicks, types and copies."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replaykit.report.html import render_html
from replaykit.verdict import Report, Revision, Since, SuggestionKind, Verdict
from tests.report import verdicts
from tests.report.chromium import launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ALL = (
    verdicts.consistent("order-1"),
    verdicts.unjudged(),
    verdicts.diverged("order-17"),
    verdicts.drifted("parent-3"),
    verdicts.consistent("data-1", "DataProcessingWorkflow"),
)
WITH_CURES = (*ALL, verdicts.waiting(), verdicts.open_tail())
"""Those too that show more than one line of code, or more than one cure."""
ORDER_17 = "histories/OrderWorkflow/order-17"
PARENT_3 = "histories/ParentWorkflow/parent-3"
STORIES = {ORDER_17: "order-17", PARENT_3: "parent-3", "histories/broken": "histories/broken.json"}
STORIES |= {"histories/OrderWorkflow/order-18": "order-18", "histories/ParentWorkflow/tail-1": "tail-1"}
CODE = "class Order:\n    def run(self):\n        return validate()  # here\n"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


class Opener:
    """Opens pages of Reports; at the end none of them may have complained or asked for anything."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        self.trouble: list[str] = []

    def __call__(self, *shown: Verdict, anchor: str = "", file: str = "page.html", **context: Any) -> Page:
        path = self.folder / file
        path.write_text(render_html(Report.of(shown or ALL, duration_s=1.5)), encoding="utf-8")
        context = {"viewport": {"width": 1280, "height": 900}, **context}
        page = self.browser.new_context(**context).new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: self.trouble.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("request", lambda request: self._asked(request.url, path))
        page.goto(f"{path.as_uri()}{'#' if anchor else ''}{anchor}")
        return page

    def _asked(self, url: str, path: Path) -> None:
        if url.split("#")[0] != path.as_uri() and not url.startswith("data:"):
            self.trouble.append(f"asked for {url}")


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows.py").write_text(CODE, encoding="utf-8")
    opener = Opener(browser, tmp_path)
    yield opener
    for context in browser.contexts:
        context.close()
    assert opener.trouble == []


@contextmanager
def expected(opened: Opener) -> Iterator[None]:
    """Complaints that the test causes on purpose."""
    before = list(opened.trouble)
    yield
    opened.trouble[:] = before


def shown(page: Page) -> list[str]:
    return page.locator("#rk-list li:visible .title").all_inner_texts()


def heading(page: Page) -> str:
    return page.locator("#rk-title").inner_text()


def arrives(page: Page, name: str) -> bool:
    """Whether the page shows that verdict, once the browser has passed it the new address."""
    page.locator("#rk-title", has_text=name).wait_for()
    return heading(page) == name


def go_to(page: Page, anchor: str, name: str) -> None:
    page.evaluate("anchor => { location.hash = anchor; }", anchor)
    page.locator("#rk-title", has_text=name).wait_for()


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.innerText || document.activeElement.id")
    return text


def test_opens_on_the_worst_with_its_story_in_view(opened: Opener) -> None:
    page = opened()
    assert page.locator("h1").inner_text() == "1 diverged, 1 drifted, 1 unjudged of 5 histories"
    assert shown(page) == ["order-17", "parent-3", "histories/broken.json", "data-1", "order-1"]
    assert heading(page) == "order-17"
    assert "Event 12 recorded ship_order" in page.locator(".lead").inner_text()
    first = page.locator(".compare tr.first")
    assert first.locator("td.recorded mark").inner_text() == "ship_order"
    assert first.locator("td.produced mark").inner_text() == "validate_order"
    box = first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900
    rows = page.locator(".compare tbody tr").evaluate_all("rows => rows.map(row => row.className)")
    assert rows == ["pair match", "pair first", "pair after"]
    assert page.locator(".compare tr.after td.recorded").inner_text().split() == ["\u2013", "unknown"]
    assert page.locator(".source .here").inner_text().strip().endswith("return validate()  # here")
    assert page.locator(".source .number").all_inner_texts() == ["1", "2", "3"]
    assert page.locator("details.folded pre").first.is_hidden()
    page.get_by_text("Temporal's own words").click()
    assert page.locator("details.folded pre").first.inner_text().startswith("[TMPRL1100]")


@pytest.mark.exhaustive
def test_filters_by_outcome_and_by_type(opened: Opener) -> None:
    page = opened()
    diverged = page.get_by_role("button", name="1 diverged")
    diverged.click()
    assert shown(page) == ["order-17"]
    assert diverged.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="2 consistent").click()
    assert shown(page) == ["order-17", "data-1", "order-1"]
    page.get_by_label("Workflow type").select_option("OrderWorkflow")
    assert shown(page) == ["order-17", "order-1"]
    assert page.locator("#rk-shown").inner_text() == "2 of 5 histories"
    diverged.click()
    assert shown(page) == ["order-1"]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("order-17", ["order-17"]),
        ("VALIDATE_order", ["order-17"]),
        ("flows.py:3", ["order-17"]),
        ("start_to_close", ["parent-3"]),
        ("unreadable", ["histories/broken.json"]),
        ("order workflow 019b7c3a", ["order-17", "order-1"]),
        ("no such thing", []),
    ],
)
@pytest.mark.thinned(7)
def test_searches(opened: Opener, text: str, found: list[str]) -> None:
    page = opened()
    page.get_by_label("Search").fill(text)
    assert shown(page) == found


@pytest.mark.exhaustive
def test_a_verdict_has_a_permanent_link(opened: Opener) -> None:
    page = opened(anchor=PARENT_3)
    assert heading(page) == "parent-3"
    page.locator("#rk-list a", has_text="data-1").click()
    assert page.url.endswith("#histories/DataProcessingWorkflow/data-1")
    assert heading(page) == "data-1"
    assert "data-1: consistent" in page.title()
    page.go_back()
    assert heading(page) == "parent-3"
    assert page.locator("#rk-list [aria-current] .title").inner_text() == "parent-3"


@pytest.mark.exhaustive
def test_two_runs_of_one_workflow_are_kept_apart(opened: Opener) -> None:
    again = dataclasses.replace(verdicts.diverged(), history="histories/OrderWorkflow/again.json")
    page = opened(verdicts.diverged(), again, verdicts.drifted())
    assert page.locator("#rk-list .sub").all_inner_texts() == [
        "OrderWorkflow · 18 events · again.json",
        "OrderWorkflow · 18 events · order-17.json",
        "ParentWorkflow · 42 events",
    ]


@pytest.mark.exhaustive
def test_a_link_to_what_is_gone_shows_the_worst(opened: Opener) -> None:
    assert heading(opened(anchor="histories/gone")) == "order-17"


@pytest.mark.exhaustive
def test_follows_links_between_events(opened: Opener) -> None:
    page = opened()
    page.get_by_role("button", name="Show event 12 in the timeline").click()
    row = page.locator(".events .row.open")
    assert row.get_attribute("aria-rowindex") == "13"
    assert "first" in (row.get_attribute("class") or "")
    assert "validate_order" in row.locator(".detail").inner_text()
    target = row.locator(".detail .jump").first
    number = target.inner_text()
    target.click()
    assert page.locator(".events .row.open .id").inner_text() == number
    assert page.evaluate("document.activeElement.getAttribute('aria-rowindex')") == str(int(number) + 1)


@pytest.mark.exhaustive
def test_a_bar_of_the_lanes_leads_to_its_event(opened: Opener) -> None:
    page = opened()
    assert page.locator(".lane-name").all_inner_texts() == [
        "",
        "Workflow tasks\n3",
        "Activities\n2",
        "Signals and updates\n1",
        "Other\n2",
    ]
    page.locator(".bar", has_text="ship_order").click()
    assert page.locator(".events .row.open .name").first.inner_text() == "ship_order"


@pytest.mark.exhaustive
def test_time_in_order_or_in_proportion(opened: Opener) -> None:
    page = opened()
    lefts = "bars => bars.map(bar => parseFloat(bar.style.left))"
    by_order = page.locator('[data-lane="0"] .bar').evaluate_all(lefts)
    page.get_by_label("Time", exact=True).check()
    by_time = page.locator('[data-lane="0"] .bar').evaluate_all(lefts)
    assert len(by_order) == len(by_time) == 3
    assert by_order != by_time
    assert by_time == sorted(by_time)
    page.get_by_role("button", name="Zoom in").click()
    wide = "plots => plots[0].scrollWidth > plots[0].parentElement.parentElement.parentElement.clientWidth"
    assert page.locator(".plot").evaluate_all(wide)
    page.get_by_role("button", name="Fit").click()
    assert not page.locator(".scroller").evaluate("box => box.scrollWidth > box.clientWidth")


@pytest.mark.exhaustive
def test_drifts_are_value_diffs(opened: Opener) -> None:
    page = opened(anchor=PARENT_3)
    drift = page.locator(".drift", has_text="start_to_close_timeout")
    assert drift.locator(".old code").inner_text() == "30s"
    assert drift.locator(".new code").inner_text() == "60s"
    assert drift.locator(".new mark").inner_text() == "60s"
    assert drift.locator(".severity").inner_text() == "behavioural"
    other = page.locator(".drift", has_text="child.input")
    assert other.locator("mark").all_inner_texts() == ["false", "true"]
    drift.get_by_role("button", name="event 5").click()
    assert page.locator(".events .row.open .flag").inner_text() == "drift"


@pytest.mark.exhaustive
def test_says_where_the_code_waits(opened: Opener) -> None:
    page = opened(verdicts.waiting())
    produced = page.locator(".compare tr.first td.produced")
    assert produced.locator(".none").inner_text() == "nothing"
    assert produced.locator(".place").all_inner_texts() == [
        "waits at flows.py:3 in run",
        "waits at flows.py:2 in approve",
    ]
    sources = page.locator("figure.source")
    assert sources.locator(".where").all_text_contents() == ["flows.py:3", "flows.py:2", "flows.py:1"]
    assert sources.nth(0).locator(".role").inner_text() == "waits here"
    assert sources.nth(0).locator(".here").inner_text().strip().endswith("return validate()  # here")
    assert sources.nth(1).is_hidden()
    page.locator("summary", has_text="Waits at flows.py:2 in approve").click()
    assert sources.nth(1).is_visible()
    page.locator("summary", has_text="The last command: flows.py:1 in Order").click()
    assert sources.nth(2).is_visible()


@pytest.mark.exhaustive
def test_a_line_that_waits_is_not_shown_twice(opened: Opener) -> None:
    verdict = verdicts.waiting()
    assert verdict.divergence is not None
    divergence = dataclasses.replace(verdict.divergence, source=verdicts.SOURCE, waiting=(verdicts.SOURCE,))
    page = opened(dataclasses.replace(verdict, divergence=divergence))
    assert page.locator("figure.source").count() == 1


@pytest.mark.exhaustive
def test_a_drift_shows_its_message_and_its_cure(opened: Opener) -> None:
    page = opened(verdicts.open_tail(), permissions=["clipboard-read", "clipboard-write"])
    drifts = page.locator(".drift")
    assert drifts.nth(0).locator(".suggestion").count() == 0
    for index, asked in ((1, "refund"), (2, "notify")):
        drift = drifts.nth(index)
        text = f"The history ends at event 42; the code already asks for {asked}"
        assert drift.locator(".drift-message").inner_text() == text
        assert drift.locator(".diff").count() == 0, "the values do not speak for themselves"
        drift.get_by_role("button", name="Copy: the code").click()
        code = f'if workflow.patched("{asked}"):\n    {asked}()'
        assert page.evaluate("navigator.clipboard.readText()") == code
        edges = [drift.locator(part).bounding_box() for part in (".suggestion h5", ".suggestion p")]
        assert len({box["x"] for box in edges if box is not None}) == 1, "the heading stands over its text"
    assert page.evaluate(TWICE) == []
    page.get_by_label("Search").fill("asks for refund")
    assert shown(page) == ["tail-1"]


@pytest.mark.exhaustive
def test_all_commands_side_by_side(opened: Opener) -> None:
    page = opened()
    assert page.locator(".steps .rows .row").count() == 0
    page.get_by_role("button", name="Show all").click()
    rows = page.locator(".steps .rows .row")
    assert rows.count() == 2
    assert rows.nth(1).locator("mark").all_inner_texts() == ["ship_order", "validate_order"]


@pytest.mark.exhaustive
def test_copies_the_suggested_code_and_the_link(opened: Opener) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    page.locator(".suggestion").get_by_role("button", name="Copy: the code").click()
    assert page.evaluate("navigator.clipboard.readText()") == verdicts.SNIPPET
    page.locator("#rk-status", has_text="Copied the code").wait_for(state="attached")
    page.get_by_role("button", name="Copy link").click()
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"page.html#{ORDER_17}")
    page.get_by_role("button", name="Copy command").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"replaykit replay {ORDER_17}.json"


@pytest.mark.exhaustive
def test_advice_is_called_what_it_is_and_a_diff_can_be_copied(opened: Opener) -> None:
    lines = ["--- a/flows.py", "+++ b/flows.py", "@@ -1,2 +1,3 @@", " ", "-    one()"]
    diff = "\n".join([*lines, '+    if workflow.patched("x"):', "+        one()"])
    guess = verdicts.diverged("guess")
    assert guess.divergence is not None
    tried = dataclasses.replace(
        guess.divergence,
        suggestion="\n".join(["tried: 2 histories", *(f"    {line}" for line in diff.splitlines())]),
        suggestion_kind=SuggestionKind.TRIED,
    )
    good = Revision(commit="1" * 40, seconds=0.0, subject="Before")
    bad = Revision(commit="2" * 40, seconds=86_400.0, subject="Validate")
    since = Since(good=good, bad=bad)
    cured = dataclasses.replace(
        guess, history="cured.json", workflow_id="cured", divergence=tried, since=since
    )
    page = opened(cured, guess, permissions=["clipboard-read", "clipboard-write"])
    card = page.locator(".suggestion")
    assert card.locator("h3").inner_text() == "Cure"
    card.get_by_role("button", name="Copy: the diff").click()
    assert page.evaluate("navigator.clipboard.readText()") == diff
    assert '222222222222 (1970-01-02, "Validate")' in page.locator(".meta").inner_text()
    page.locator("#rk-list .title", has_text="guess").click()
    assert arrives(page, "guess")
    assert card.locator("h3").inner_text() == "Hint"
    assert "Since" not in page.locator(".meta").inner_text()


@pytest.mark.exhaustive
def test_keys(opened: Opener) -> None:
    page = opened()
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the verdict"
    page.keyboard.press("j")
    assert arrives(page, "parent-3")
    assert page.url.endswith(f"#{PARENT_3}")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert arrives(page, "parent-3")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    assert "drifted:\nparent-3" in focused(page)
    page.keyboard.press("ArrowDown")
    assert "unreadable:\nhistories/broken.json" in focused(page)
    assert heading(page) == "parent-3"
    page.keyboard.press("Enter")
    assert arrives(page, "histories/broken.json")
    assert focused(page) == "histories/broken.json"
    page.keyboard.press("/")
    page.keyboard.type("data")
    assert shown(page) == ["data-1"]
    page.keyboard.press("Enter")
    assert arrives(page, "data-1")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    assert len(shown(page)) == len(ALL)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("dialog").is_hidden()


@pytest.mark.exhaustive
def test_keys_within_the_events(opened: Opener) -> None:
    page = opened()
    page.locator(".events .rows .row").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    index = "document.activeElement.getAttribute('aria-rowindex')"
    assert page.evaluate(index) == "4"
    page.keyboard.press("Enter")
    assert page.locator(".events .row.open").get_attribute("aria-expanded") == "true"
    assert page.evaluate(index) == "4"
    page.keyboard.press("End")
    assert page.evaluate(index) == "19"
    page.keyboard.press("Home")
    assert page.evaluate(index) == "2"


def test_no_script_of_a_history_runs(opened: Opener) -> None:
    page = opened(verdicts.hostile(), verdicts.diverged())
    page.get_by_label("Workflow type").select_option(verdicts.HOSTILE)
    assert heading(page) == verdicts.HOSTILE
    for summary in page.locator("summary").all():
        summary.click()
    page.get_by_role("button", name="Show all").click()
    page.locator(".events .rows .row").first.click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, iframe, [onerror]").count() == 0
    assert page.locator("script:not([type])").count() == 1
    for place in (
        ".lead",
        ".note",
        ".suggestion pre",
        ".drift h4",
        ".drift-message",
        ".drift .suggestion pre",
        ".compare .first .place",
        ".list .title",
        ".events .detail dd >> nth=0",
    ):
        assert verdicts.HOSTILE in page.locator(place).first.inner_text(), place


@pytest.mark.exhaustive
def test_the_policy_stops_what_would_get_in_nevertheless(opened: Opener) -> None:
    page = opened()
    with expected(opened):
        page.evaluate(
            "() => { const evil = document.createElement('div');"
            "evil.innerHTML = '<img src=x onerror=\"window.pwned = 1\">';"
            "const script = document.createElement('script'); script.textContent = 'window.pwned = 2';"
            "document.body.append(evil, script); }"
        )
        page.wait_for_timeout(200)
        assert page.evaluate("window.pwned") is None
        assert any("Content Security Policy" in line for line in opened.trouble)


@pytest.mark.exhaustive
def test_five_thousand_events_are_few_elements(opened: Opener) -> None:
    page = opened(verdicts.long_timeline(5000))
    rows = page.locator(".events .rows .row")
    assert page.locator(".events").get_attribute("aria-rowcount") == "5001"
    assert 5 < rows.count() < 100
    page.locator(".events .rows .row").first.focus()
    page.keyboard.press("End")
    assert page.locator(".events .row:focus .id").inner_text() == "5000"
    assert rows.count() < 100
    page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
    middle = page.locator(".events .rows .row .id", has_text="25").first
    middle.wait_for()
    assert rows.count() < 100
    ids = [int(text) for text in rows.locator(".id").all_inner_texts()]
    in_order = [number for number in ids if number != 5000]
    assert in_order == list(range(in_order[0], in_order[-1] + 1))
    for choice in ("Time", "Order"):
        page.get_by_label(choice, exact=True).check()
        page.get_by_role("button", name="Fit").click()
        assert page.locator(".bar").count() < 1000
    page.get_by_role("button", name="Show all").click()
    page.locator(".steps").scroll_into_view_if_needed()
    assert 5 < page.locator(".steps .rows .row").count() < 100


@pytest.mark.exhaustive
def test_light_dark_and_the_toggle(opened: Opener) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light = opened(color_scheme="light").evaluate(background)
    page = opened(color_scheme="dark")
    dark = page.evaluate(background)
    assert light != dark
    toggle = page.locator("#rk-theme")
    toggle.click()
    assert (toggle.inner_text(), page.evaluate(background)) == ("Theme: light", light)
    for _ in range(20):  # Chromium stores it a moment later, in another process
        page.reload()
        if page.evaluate(background) == light:
            break
        page.wait_for_timeout(100)
    assert (toggle.inner_text(), page.evaluate(background)) == ("Theme: light", light)
    page.keyboard.press("t")
    assert (toggle.inner_text(), page.evaluate(background)) == ("Theme: dark", dark)
    page.keyboard.press("t")
    assert toggle.inner_text() == "Theme: system"


LONG = "a_very_long_name_without_any_break_" * 4


@pytest.mark.exhaustive
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.thinned(3)
def test_nothing_scrolls_sideways(opened: Opener, width: int) -> None:
    """320 CSS pixels is what 1280 are at 400 %."""
    long = dataclasses.replace(
        verdicts.diverged(), history="long.json", workflow_id=LONG, workflow_type=LONG, message=LONG
    )
    page = opened(*WITH_CURES, long, viewport={"width": width, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for anchor, name in (*STORIES.items(), ("long", LONG)):
        go_to(page, anchor, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, anchor
        for button in page.get_by_role("button", name="Show all").all():
            button.click()
        for row in page.locator(".events .rows .row").all()[5:6]:
            row.click()
        for summary in page.locator("main summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, anchor


@pytest.mark.exhaustive
def test_a_narrow_page_shows_the_list_or_the_story(opened: Opener) -> None:
    page = opened(viewport={"width": 390, "height": 800})
    assert (page.locator("#rk-list").is_visible(), page.locator("#rk-story").is_visible()) == (True, False)
    page.locator("#rk-list a", has_text="order-17").click()
    assert (page.locator("#rk-list").is_visible(), page.locator("#rk-story").is_visible()) == (False, True)
    page.get_by_role("link", name="All histories").click()
    assert (page.locator("#rk-list").is_visible(), page.locator("#rk-story").is_visible()) == (True, False)
    assert "#" not in page.url


NAMELESS = """() => [...document.querySelectorAll("button, a, input, select, [tabindex='0']")]
  .filter(element => element.checkVisibility() &&
    !(element.getAttribute("aria-label") || element.innerText.trim() || element.labels?.length))
  .map(element => element.outerHTML)"""
TWICE = """() => { const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
  return ids.filter((id, index) => ids.indexOf(id) !== index); }"""
LEVELS = """() => [...document.querySelectorAll("h1, h2, h3, h4")].filter(h => h.checkVisibility())
  .map(h => Number(h.tagName[1]))"""


@pytest.mark.exhaustive
def test_the_divider_runs_the_whole_height_of_a_long_story(opened: Opener) -> None:
    page = opened()
    bottom = "element => element.getBoundingClientRect().bottom"
    main = page.locator(".panes > main")
    assert page.locator("#rk-list").evaluate(bottom) < main.evaluate(bottom), "the list is the shorter one"
    assert main.evaluate(bottom) == page.locator(".panes").evaluate(bottom)
    assert main.evaluate("element => getComputedStyle(element).borderLeftWidth") == "1px"


@pytest.mark.exhaustive
def test_the_frame_of_the_chosen_history_is_not_cut_off(opened: Opener) -> None:
    """Its list item paints nothing outside of itself (content-visibility)."""
    shadow = (
        opened()
        .locator("#rk-list a[aria-current]")
        .evaluate("element => getComputedStyle(element).boxShadow")
    )
    assert shadow.endswith(" inset")
    assert shadow.count("inset") == shadow.count("rgb")


@pytest.mark.exhaustive
def test_names_and_landmarks(opened: Opener) -> None:
    page = opened(*WITH_CURES)
    for role, name in [("navigation", "Histories"), ("main", "Verdict"), ("search", None), ("banner", None)]:
        assert page.get_by_role(role, name=name).count() == 1  # type: ignore[arg-type]
    dangling = "es => es.filter(e => !document.getElementById(e.getAttribute('aria-labelledby'))).length"
    for anchor, name in STORIES.items():
        go_to(page, anchor, name)
        assert page.evaluate(NAMELESS) == []
        assert page.evaluate(TWICE) == []
        levels = page.evaluate(LEVELS)
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
        assert page.locator("[aria-labelledby]").evaluate_all(dangling) == 0


FAINT = (Path(__file__).with_name("faint.js")).read_text(encoding="utf-8")


@pytest.mark.exhaustive
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.thinned(2)
def test_text_stands_out_from_its_background(opened: Opener, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: a ratio of 4.5 at least."""
    page = opened(*WITH_CURES, color_scheme=scheme)
    for anchor, name in STORIES.items():
        go_to(page, anchor, name)
        for summary in page.locator("summary").all():
            summary.click()
        for row in page.locator(".events .rows .row").all()[4:5]:
            row.click()
        for button in page.get_by_role("button", name="Show all").all():
            button.click()
        assert page.evaluate(FAINT) == [], anchor


def test_without_scripts_there_is_a_table(opened: Opener) -> None:
    page = opened(verdicts.hostile(), *ALL, java_script_enabled=False)
    table = page.get_by_role("table", name="All verdicts")
    assert table.locator("tbody tr").count() == len(ALL) + 1
    assert table.get_by_text("event 12 recorded ship_order").is_visible()
    assert page.locator(".panes").is_hidden()
    assert page.locator("img").count() == 0


@pytest.mark.exhaustive
def test_without_evidence_and_with_nothing_at_all(opened: Opener) -> None:
    bare = dataclasses.replace(verdicts.diverged(), steps=(), timeline=())
    page = opened(bare)
    assert page.locator(".compare").is_visible()
    assert page.locator(".timeline").count() == 0
    empty = opened.folder / "empty.html"
    empty.write_text(render_html(Report.of([])), encoding="utf-8")
    page.goto(empty.as_uri())
    assert page.locator("h1").inner_text() == "Nothing was replayed"
    page.keyboard.press("t")
    opened.trouble.clear()
