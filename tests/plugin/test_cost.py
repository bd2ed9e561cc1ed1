"""Where no replays are asked for, the plugin costs next to nothing."""

from __future__ import annotations

import pytest

PROBE = """
import sys


def pytest_unconfigure(config):
    loaded = {m.split(".")[0] for m in sys.modules}
    heavy = sorted(loaded & {"temporalio", "google", "orjson", "rich", "click"})
    ours = sorted(m for m in sys.modules if m.split(".")[0] == "replaykit")
    print("HEAVY", heavy, "OURS", ours)
"""


def test_an_idle_run_loads_the_plugin_alone(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(PROBE)
    pytester.makepyfile("def test_one(): pass")
    result = pytester.runpytest_subprocess("-p", "no:asyncio")
    result.assert_outcomes(passed=1)
    rooms = ("options", "replays", "starting", "watchdog")
    hooks = ["replaykit.plugin", *(f"replaykit.plugin.{name}" for name in rooms)]
    modules = ["replaykit", "replaykit.errors", "replaykit.paths", *hooks, "replaykit.visible"]
    assert f"HEAVY [] OURS {modules}" in result.stdout.str()
