"""The HTML report: one file that needs nothing else, no network and no server."""

from replaykit.report.html.as_html import render_html, render_page
from replaykit.report.html.entry import Entry, entry_of

__all__ = ["Entry", "entry_of", "render_html", "render_page"]
