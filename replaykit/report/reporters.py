"""The table of all report formats, by what a command produces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias, TypeVar

from replaykit.issue import Issues
from replaykit.report.as_json import render_json
from replaykit.report.code_quality import render_code_quality
from replaykit.report.document import Document, render_document
from replaykit.report.html import Page, render_html, render_page
from replaykit.report.issues_json import render_issues_json
from replaykit.report.junit import render_junit
from replaykit.report.markdown import render_comment
from replaykit.report.sarif import render_sarif
from replaykit.verdict import Report

__all__ = ["REPORTERS", "Form", "Reporter"]

Subject = TypeVar("Subject", contravariant=True)


class Reporter(Protocol[Subject]):
    """Turns what a command produced into the text of one format, UTF-8 once written."""

    def __call__(self, subject: Subject, /) -> str: ...


Form: TypeAlias = "tuple[type, str]"
"""What is to be written, and the name of the option that asks for it."""

REPORTERS: Mapping[Form, Reporter[Any]] = {
    (Report, "json"): render_json,
    (Report, "html"): render_html,
    (Page, "html"): render_page,
    (Issues, "json"): render_issues_json,
    (Issues, "gitlab"): render_code_quality,
    (Issues, "junit"): render_junit,
    (Issues, "sarif"): render_sarif,
    (Issues, "markdown"): render_comment,
    (Document, "json"): render_document,
}
