"""The HTML report: one file that needs nothing else, no network and no server."""

from replaykit.report.html.as_html import Answer, Page, answer_of, render_html, render_page
from replaykit.report.html.entry import Entry, entry_of

__all__ = ["Answer", "Entry", "Page", "answer_of", "entry_of", "render_html", "render_page"]
