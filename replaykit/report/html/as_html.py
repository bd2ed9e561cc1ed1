"""Report -> one HTML page: `templates/page.html`, with the style sheets and scripts beside it inlined.

Nothing of a History is ever markup: Jinja escapes what it prints, and the rest travels as JSON in script
elements that the browser does not run, which the page's own script turns into text nodes. A
Content-Security-Policy lets that one script run, by its hash, and nothing else load or run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from importlib.resources import files
from typing import Any, TypeAlias

from replaykit.report.corpus_rows import finding_blocks, self_test_block
from replaykit.report.document import installed_version
from replaykit.report.html.entry import Entry, entry_of
from replaykit.report.phrases import counted, shortened
from replaykit.report.rows import Block, plain_lines
from replaykit.trust import Finding, FindingKind
from replaykit.verdict import Outcome, Report
from replaykit.visible import visible

__all__ = ["Answer", "Page", "answer_of", "render_html", "render_page"]

Answer: TypeAlias = "tuple[str, Sequence[str], bool]"
"""A title, the lines below it, and whether the check fails by it: what any process can send."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page of Verdicts, which may have been made in other processes, such as those of pytest-xdist."""

    entries: Sequence[Entry]
    """One per Verdict, from `entry_of`; the page shows the worst first."""
    duration_s: float
    """Wall clock of the whole check, in seconds."""
    findings: Sequence[Finding] = ()
    """What was found about the corpus, beside the Verdicts."""
    answers: Sequence[Answer] = ()
    """What else was asked about the corpus as a whole, such as a self-test."""
    strict: bool = False
    """Whether attributes were compared too."""


_MOST = 50_000
"""Characters of a text; the JSON report holds all of it."""
_STYLES = ("tokens", "page", "list", "story", "timeline")
_SCRIPTS = ("dom", "windowed", "compare", "lanes", "timeline", "story", "list", "main")
"""Files below `css/` and `js/`, in the order in which they need each other."""

_WORST_FIRST = (Outcome.DIVERGED, Outcome.DRIFTED, Outcome.UNJUDGED, Outcome.CONSISTENT)
_DISTRIBUTIONS = (("replaykit", "temporal-replaykit"), ("temporalio", "temporalio"))


def answer_of(block: Block, *, fails: bool) -> Answer:
    """The texts of a block about the corpus, and whether the check fails by it."""
    title = block.head.line
    return f"{title[:1].upper()}{title[1:].rstrip(':')}", plain_lines(block.rows), fails


def render_html(report: Report) -> str:
    """The whole Report as one page."""
    tested = report.self_test
    page = Page(
        entries=[entry_of(verdict) for verdict in report.verdicts],
        duration_s=report.duration_s,
        findings=report.findings,
        answers=[] if tested is None else [answer_of(self_test_block(tested), fails=tested.is_broken)],
        strict=report.strict,
    )
    return render_page(page)


def render_page(page: Page) -> str:
    """All of it as one HTML document."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("replaykit.report.html"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["json_text"] = lambda value: Markup(_json_text(value))
    style, script = _joined("css", _STYLES), _joined("js", _SCRIPTS)
    ordered = sorted(map(_seen, page.entries), key=_order)
    summaries = _with_anchors([entry["summary"] for entry in ordered])
    counts = {o.value: sum(s["outcome"] == o.value for s in summaries) for o in _WORST_FIRST}
    text = environment.get_template("page.html").render(
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        summaries=summaries,
        stories=[entry["story"] for entry in ordered],
        counts=counts,
        headline=_headline(counts),
        worst=next((outcome for outcome, count in counts.items() if count), "unjudged"),
        types=sorted({summary["type"] for summary in summaries if summary["type"]}),
        besides=[*_of_findings(page.findings), *page.answers],
        strict=page.strict,
        commands=sum(summary["commands"] for summary in summaries),
        duration=f"{page.duration_s:.1f}",
        made=datetime.now(timezone.utc),
        versions=[
            f"{name} {installed_version(distribution) or '(unknown version)'}"
            for name, distribution in _DISTRIBUTIONS
        ],
    )
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _of_findings(findings: Iterable[Finding]) -> Iterator[Answer]:
    by_kind: dict[FindingKind, list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault(finding.kind, []).append(finding)
    for found in by_kind.values():
        for block in finding_blocks(found):
            yield answer_of(block, fails=any(finding.fails for finding in found))


def _order(entry: Entry) -> tuple[int, str, str]:
    summary = entry["summary"]
    rank = [outcome.value for outcome in _WORST_FIRST].index(summary["outcome"])
    return rank, summary["type"] or "", summary["history"]


def _with_anchors(summaries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each with its permanent link: the name of the History, in characters that a URL leaves alone."""
    taken: set[str] = set()
    done = []
    for summary in summaries:
        name = re.sub(r"\.json(\.gz)?$", "", summary["history"])
        anchor = stem = re.sub(r"[^A-Za-z0-9._~/-]+", "-", name).strip("-/.") or "history"
        number = 2
        while anchor in taken:
            anchor, number = f"{stem}-{number}", number + 1
        taken.add(anchor)
        done.append({**summary, "anchor": anchor})
    return done


def _headline(counts: dict[str, int]) -> str:
    """How the check went in one sentence, the worst first."""
    total = sum(counts.values())
    if not total:
        return "Nothing was replayed"
    if counts["consistent"] == total:
        return "The one history fits the code" if total == 1 else f"All {total} histories fit the code"
    parts = [f"{count} {outcome}" for outcome, count in counts.items() if count and outcome != "consistent"]
    return f"{', '.join(parts)} of {counted(total, 'history', 'histories')}"


def _seen(value: Any) -> Any:
    """The value with every text in it made visible, and cut where it is too long for a page.

    A mark that turns letters around does so in HTML too.
    """
    if isinstance(value, str):
        return visible(shortened(value, _MOST))
    if isinstance(value, dict):
        return {key: _seen(item) for key, item in value.items()}
    return [_seen(item) for item in value] if isinstance(value, (list, tuple)) else value


def _json_text(value: Any) -> str:
    """JSON that no HTML parser reads as markup, whatever its strings hold, and that UTF-8 can carry."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


@lru_cache(maxsize=2)
def _joined(folder: str, names: tuple[str, ...]) -> str:
    here = files("replaykit.report.html") / folder
    parts = [(here / f"{name}.{folder}").read_text(encoding="utf-8").strip() for name in names]
    text = "\n\n".join(parts).replace("\r\n", "\n")
    return f'"use strict";\n(() => {{\n{text}\n}})();' if folder == "js" else text


def _hash(text: str) -> str:
    """The source expression that lets exactly this text run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
