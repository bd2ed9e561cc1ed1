"""`replaykit patches` as users run it, without a service and beside one that is not there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.report.json_reports import checked

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = '[tool.replaykit]\nworkflows = ["flows"]\n'
FLOWS = """\
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)
PATCH = "validate-before-payment"


@workflow.defn
class OrderWorkflow:
    def __init__(self) -> None:
        self.confirmed = False

    @workflow.run
    async def run(self, order_id: str) -> str:
        if workflow.patched(PATCH):
            await workflow.execute_activity("validate_order", order_id, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("process_payment", order_id, start_to_close_timeout=TIMEOUT)
        await workflow.wait_condition(lambda: self.confirmed)
        return await workflow.execute_activity("ship_order", order_id, start_to_close_timeout=TIMEOUT)

    @workflow.signal
    def payment_confirmed(self) -> None:
        workflow.patched(PATCH.upper())
        self.confirmed = True
"""
ACTIVE = """\
validate-before-payment: active
  code      flows.py:16 patched in run; if at 16: new lines 17, old nothing
  fixtures  1 marked, 1 old branch
  service   not asked
  why       1 fixture carries its marker; the service was not asked
  do        Ask the service whether a run still takes the old branch: --address HOST:PORT, or --service for
            the configured one.

computed at flows.py:24: the id that patched is given cannot be read from the source
patches: 1 active; 2 fixtures; the service was not asked (--address HOST:PORT, or --service)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The order's code with its patch, and a fixture from before and after it."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (tmp_path / "flows.py").write_text(FLOWS, encoding="utf-8")
    folder = tmp_path / "histories" / "OrderWorkflow"
    folder.mkdir(parents=True)
    for release in ("v1", "v3"):
        (fixture,) = (ROOT / "histories" / "OrderWorkflow").glob(f"order-{release}-waiting--*.json")
        shutil.copy(fixture, folder)
    return tmp_path


@pytest.mark.weekly
def test_code_and_fixtures_alone(project: Path, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("patches")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", ACTIVE)


@pytest.mark.exhaustive
def test_offline_beats_an_address(project: Path, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("patches", "--offline", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert (done.returncode, done.stdout) == (0, ACTIVE)


@pytest.mark.exhaustive
def test_json(project: Path, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("patches", "--json", "-")
    document = checked(done.stdout, "patches")
    assert document["service"] is None
    assert document["summary"] == {"patches": 1, "by_state": {"active": 1}, "fixtures": 2}
    (patch,) = document["patches"]
    assert patch["calls"] == [
        {
            "call": "patched",
            "file": "flows.py",
            "line": 16,
            "function": "run",
            "workflows": ["OrderWorkflow"],
            "guards": [{"line": 16, "new": [17, 17], "old": None}],
        }
    ]
    assert {took: len(paths) for took, paths in patch["fixtures"].items()} == {"marked": 1, "old branch": 1}
    assert (patch["open"], patch["closed"]) == (None, None)


@pytest.mark.weekly
def test_json_in_a_file(project: Path, run_replaykit: RunReplaykit) -> None:
    document = json.loads(run_replaykit("patches", "--json", "-").stdout)
    assert run_replaykit("patches", "--json", "patches.json").stderr == "wrote patches.json\n"
    assert json.loads((project / "patches.json").read_bytes()) == document


@pytest.mark.exhaustive
def test_a_branch_that_no_fixture_reaches_and_a_fixture_that_cannot_be_read(
    project: Path, run_replaykit: RunReplaykit
) -> None:
    for path in project.glob("histories/*/order-v1-*.json"):
        path.unlink()
    (project / "histories" / "broken.json").write_text("{", encoding="utf-8")
    shown = run_replaykit("patches").stdout
    assert (
        "  fixture   needs a pre-patch fixture: capture a run that went past the call before it was there\n"
        in shown
    )
    assert "\nunread fixture: " in shown


@pytest.mark.exhaustive
def test_no_patch_anywhere(project: Path, run_replaykit: RunReplaykit) -> None:
    shutil.rmtree(project / "histories")
    (project / "flows.py").write_text(FLOWS.replace("workflow.patched(", "bool("), encoding="utf-8")
    done = run_replaykit("patches")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "patches: none; 0 fixtures; the service was not asked (--address HOST:PORT, or --service)\n"
    )


def test_a_check_needs_the_service(project: Path, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("patches", "--check")
    assert done.returncode == 2
    assert "--check needs the service" in done.stderr


@pytest.mark.exhaustive
@pytest.mark.parametrize("named", ["option", "variable"])
@pytest.mark.thinned(2)
def test_a_service_that_is_not_there(project: Path, run_replaykit: RunReplaykit, named: str) -> None:
    if named == "option":
        done = run_replaykit("patches", "--check", "--address", "127.0.0.1:1")
    else:
        done = run_replaykit("patches", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: Temporal service at 127.0.0.1:1: nothing listens there")


@pytest.mark.exhaustive
def test_a_namespace_that_is_not_there(project: Path, run_replaykit: RunReplaykit, dev_server: str) -> None:
    done = run_replaykit("patches", "--address", dev_server, "--namespace", "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: namespace 'nowhere' at " in done.stderr


@pytest.mark.exhaustive
def test_nothing_is_configured(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("patches")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no workflows are configured" in done.stderr
