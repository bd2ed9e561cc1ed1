"""A real Chromium, the system's own: nothing is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["launched"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser; without one the test is skipped, and fails where the environment variable CI is set."""
    executable = next(filter(None, map(shutil.which, _NAMES)), None)
    if executable is None:
        _give_up("no Chromium on this system: apt-get install chromium, or the like of it")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _give_up("no playwright: pip install playwright")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(_FLAGS))
        yield browser
        browser.close()


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
