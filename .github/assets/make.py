"""Makes the pictures of the README: the terminal as an SVG, the HTML report as a screenshot.

Run from the repository's root, with the `test` extra and Chromium installed:

    python .github/assets/make.py
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from replaykit.capture import embedded_service
from replaykit.check import ChildCheck, check, fixtures_of
from replaykit.cli.advice import dated_report, fix_of, with_issues
from replaykit.config import load_config
from replaykit.demo.orders import FINISHED, WAITING, capture_order, run_orders
from replaykit.demo.project_folder import switch_to, write_project
from replaykit.demo.repository import commit, start_repository
from replaykit.report.outputs import write_report
from replaykit.report.terminal import print_report
from replaykit.verdict import Report

HERE = Path(__file__).resolve().parent


async def _fixtures(folder: Path) -> None:
    async with embedded_service() as service:
        await run_orders(service, folder)
        for order_id in (FINISHED, WAITING):
            await capture_order(service.client, order_id, folder)


def _terminal(report: Report) -> None:
    console = Console(
        record=True, width=84, force_terminal=True, color_system="truecolor", highlight=False, soft_wrap=True
    )
    console.print("[bold green]$[/] replaykit replay --fix")
    print_report(report, console)
    svg = console.export_svg(title="replaykit", clear=False)
    svg = re.sub(
        r',\s*url\("https?://[^)]*\)\s*format\("\w+"\)', "", svg
    )  # fonts from elsewhere: local ones do
    (HERE / "terminal.svg").write_text(svg, encoding="utf-8", newline="\n")


def _page(report: Report, folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    page_file = folder / "report.html"
    write_report(report, "html", str(page_file), announce=print)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1180, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(page_file.as_uri())
            page.screenshot(path=str(HERE / f"report-{scheme}.png"))
        browser.close()


def main() -> None:
    """Run the demo's orders, break the code, and picture the report."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_project(folder)
        asyncio.run(_fixtures(folder))
        start_repository(folder)
        switch_to(2, folder)
        commit(folder, "Validate an order first", branch="validate-order")
        os.chdir(folder)
        config = load_config(folder)
        with ChildCheck(config, evidence=True) as judge:
            report = check(judge)
            files = judge.files()
        fixtures = fixtures_of(config)
        report = dated_report(report, config, fixtures, files)
        report, _ = with_issues(report, fix_of(config, fixtures), wanted=False)
        _terminal(report)
        _page(report, folder)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
