"""The Judge in a child: it answers as the one in this process does, and loses at most the History at hand."""

from __future__ import annotations

import dataclasses
import gzip
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

import replaykit.check.child
from replaykit.check import Check, ChildCheck, Judge, Judgeable, Named
from replaykit.check.questions import Loaded
from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError
from replaykit.history import read_history
from replaykit.processes import ChildLostError
from replaykit.verdict import Outcome, Reason, SourceLine, Verdict
from tests.check.gallery import CONFIG, ROOT
from tests.hostile.codes import CODES
from tests.plugin.project import FIXTURE, UNCHANGED

ORDERS = sorted((ROOT / "histories" / "OrderWorkflow").glob("order-v3--*.json"))
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def steady(verdict: Verdict) -> Verdict:
    return dataclasses.replace(verdict, duration_s=0.0)


def answers(judge: Judge, sources: list[Judgeable], known: Path) -> object:
    verdicts = [steady(verdict) for verdict in judge.judge_all(sources)]
    return verdicts, tuple(judge.registered(whole=True)), judge.known(known)


@pytest.mark.exhaustive
def test_it_answers_as_the_one_in_this_process_does(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    history = read_history(ORDERS[0])
    sources: list[Judgeable] = [
        ORDERS[0],
        broken,
        history,
        Named(history=history, name="renamed"),
        dataclasses.replace(history, path=None, task_queue="elsewhere"),
    ]
    with Check(CONFIG, evidence=True) as here, ChildCheck(CONFIG, evidence=True) as there:
        assert answers(there, sources, ORDERS[0]) == answers(here, sources, ORDERS[0])
        assert there.judge(ORDERS[0], name="another").history == "another"


def project(root: Path, **bodies: str) -> Config:
    """A project with a workflow and a history of each name; each begins with the given statements."""
    parts = ["import ctypes, os, re, signal, sys, time\n"]
    for name, body in bodies.items():
        source = UNCHANGED.replace(
            "@workflow.defn\nclass DataProcessingWorkflow",
            f'@workflow.defn(name="{name}", sandboxed=False)\nclass {name.capitalize()}',
        )
        parts.append(source.replace("        rows =", f"        {body}\n        rows =", 1))
        text = FIXTURE.read_text(encoding="utf-8").replace("DataProcessingWorkflow", name)
        (root / f"{name}.json").write_text(text, encoding="utf-8")
    (root / "flows.py").write_text("\n\n".join(parts), encoding="utf-8")
    (root / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n', encoding="utf-8")
    return load_config(root)


def judged(config: Config, monkeypatch: pytest.MonkeyPatch, *names: str) -> list[Verdict]:
    monkeypatch.syspath_prepend(config.root)
    with ChildCheck(config) as judge:
        return list(judge.judge_all(config.root / f"{name}.json" for name in names))


def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaykit.check.child, "to_answer", lambda timeout_s: 1 + timeout_s)


@pytest.mark.exhaustive
@POSIX
def test_code_that_ends_its_process_costs_its_own_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = project(tmp_path, good="pass", leaves="os._exit(3)", crashes="ctypes.string_at(0)")
    first, leaves, crashes, last = judged(config, monkeypatch, "good", "leaves", "crashes", "good")
    assert [first.outcome, last.outcome] == [Outcome.CONSISTENT] * 2
    assert [leaves.reason, crashes.reason] == [Reason.CRASHED] * 2
    assert "ended with exit code 3; it was at " in (leaves.message or "")
    assert "was ended by SIGSEGV; it was at " in (crashes.message or "")
    for verdict, function in ((leaves, "leaves"), (crashes, "crashes")):
        line = (tmp_path / "flows.py").read_text(encoding="utf-8").splitlines()
        assert isinstance(verdict.source, SourceLine)
        assert (verdict.source.file, verdict.source.function) == ("flows.py", "run")
        assert {"leaves": "os._exit(3)", "crashes": "string_at"}[function] in line[verdict.source.line - 1]
        assert verdict.workflow_type == function
        assert verdict.workflow_id is not None
        assert verdict.run_id is not None
        assert verdict.worker == "default"


@POSIX
@pytest.mark.exhaustive
def test_code_that_holds_the_gil_is_stopped_and_its_line_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_deadlines(monkeypatch)
    holds = next(code.lines for code in CODES if code.name == "regular expression")
    config = dataclasses.replace(project(tmp_path, good="pass", holds=holds), timeout_s=0.5)
    held, good = judged(config, monkeypatch, "holds", "good")
    assert (held.reason, good.outcome) == (Reason.TIMED_OUT, Outcome.CONSISTENT)
    assert held.source is not None
    lines = (tmp_path / "flows.py").read_text(encoding="utf-8").splitlines()
    assert "re.match" in lines[held.source.line - 1]
    assert f"it was at flows.py:{held.source.line} in run" in (held.message or "").replace(f"{tmp_path}/", "")


CODEC = """import ctypes, dataclasses, os
from temporalio.converter import DataConverter, PayloadCodec


class Lost(PayloadCodec):
    async def encode(self, payloads):
        return payloads

    async def decode(self, payloads):
        LOSE


converter = dataclasses.replace(DataConverter.default, payload_codec=Lost())
"""


@POSIX
@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("lose", "reason"),
    [("os._exit(3)", Reason.CRASHED), ("ctypes.PyDLL(None).sleep(600)", Reason.TIMED_OUT)],
)
@pytest.mark.thinned(2)
def test_a_codec_that_takes_its_process_along_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lose: str, reason: Reason
) -> None:
    short_deadlines(monkeypatch)
    config = project(tmp_path, one="pass")
    (tmp_path / "codec.py").write_text(CODEC.replace("LOSE", lose), encoding="utf-8")
    table = '[tool.replaykit]\nworkflows = ["flows"]\ndata_converter = "codec:converter"\n'
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    config = dataclasses.replace(load_config(tmp_path), timeout_s=0.5)
    (verdict,) = judged(config, monkeypatch, "one")
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, reason)
    assert verdict.source is not None
    assert (verdict.source.file, verdict.source.function) == ("codec.py", "decode")
    assert "in the codec. A worker would be lost there too" in (verdict.message or "")


@POSIX
@pytest.mark.exhaustive
@pytest.mark.weekly
def test_stalls_are_counted_over_children_that_were_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_deadlines(monkeypatch)
    config = project(tmp_path, good="pass", holds="ctypes.PyDLL(None).sleep(600)")
    config = dataclasses.replace(config, timeout_s=0.5)
    verdicts = judged(config, monkeypatch, "holds", "good", "holds", "holds", "holds", "holds", "good")
    assert [verdict.reason for verdict in verdicts] == [Reason.TIMED_OUT, None] + [Reason.TIMED_OUT] * 5
    assert [(v.message or "").startswith("not replayed: ") for v in verdicts] == [False] * 5 + [True] * 2


def test_code_that_does_not_load_is_an_error_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = project(tmp_path, good="pass")
    (tmp_path / "flows.py").write_text("import sys\nsys.exit(0)\n", encoding="utf-8")
    with pytest.raises(
        ReplaykitError, match=r"'flows': importing it raised SystemExit: 0 at .*flows.py:2\. Try"
    ):
        judged(config, monkeypatch, "good")


@pytest.mark.exhaustive
def test_what_the_code_prints_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = project(tmp_path, prints='os.write(1, b"one\\n"); print("two", file=sys.stderr)')
    monkeypatch.syspath_prepend(tmp_path)
    printed: list[bytes] = []
    with ChildCheck(config, on_output=printed.append) as judge:
        assert judge.judge(tmp_path / "prints.json").is_consistent
    assert sorted(printed) == [b"one\n", b"two\n"]


@pytest.mark.exhaustive
def test_a_replay_in_a_child_loads_no_sdk_here(clean_environ: dict[str, str]) -> None:
    """Nor any other of what the child needs alone: each start would pay for it twice."""
    probe = (
        "import sys\n"
        "from replaykit.cli import cli\n"
        "code = cli.main(['replay', sys.argv[1]], standalone_mode=False)\n"
        "heavy = 'temporalio google grpc asyncio ssl libcst hypothesis replaykit.whose_code'.split()\n"
        "print(code, *[name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe, str(ORDERS[0].relative_to(ROOT))],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=clean_environ,
    )
    assert result.stdout.splitlines()[-1] == "0"


class Losing(ChildCheck):
    """Whose child is lost before it has read anything."""

    @property
    def loaded(self) -> Loaded:
        return Loaded(sdk="")

    def _asked(self, question: object) -> NoReturn:
        raise ChildLostError("the replay process ended with exit code 4", reason=Reason.CRASHED)


@pytest.mark.parametrize("kind", ["file", "zipped file", "history", "named history"])
def test_a_history_that_no_child_came_to_read_keeps_its_names(tmp_path: Path, kind: str) -> None:
    history = read_history(ORDERS[0])
    packed = tmp_path / "packed.json.gz"
    packed.write_bytes(gzip.compress(ORDERS[0].read_bytes()))
    sources: dict[str, Judgeable] = {
        "file": ORDERS[0],
        "zipped file": packed,
        "history": history,
        "named history": Named(history=history, name="renamed"),
    }
    verdict = Losing(CONFIG).judge(sources[kind])
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.CRASHED)
    assert (verdict.workflow_type, verdict.workflow_id, verdict.run_id) == (
        history.workflow_type,
        history.workflow_id,
        history.run_id,
    )


@pytest.mark.parametrize("text", ["{", "", "null"])
def test_a_file_that_cannot_be_read_has_no_names(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cut.json"
    path.write_text(text, encoding="utf-8")
    assert Losing(CONFIG).judge(path).workflow_type is None
    assert Losing(CONFIG).judge(tmp_path / "gone.json").workflow_type is None


@POSIX
@pytest.mark.exhaustive
def test_a_history_that_was_not_replayed_any_more_keeps_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker, one of several, ends the process when it is imported."""
    project(tmp_path, good="pass", late="pass")
    (tmp_path / "late.py").write_text("import os\nos._exit(4)\n", encoding="utf-8")
    table = '[[tool.replaykit.worker]]\nname = "{0}"\ntask_queues = ["{1}"]\nworkflows = ["{2}"]\n'
    queue = read_history(tmp_path / "good.json").task_queue
    text = table.format("a", queue, "late") + table.format("b", "elsewhere", "flows")
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    (late,) = judged(load_config(tmp_path), monkeypatch, "late")
    assert (late.outcome, late.reason) == (Outcome.UNJUDGED, Reason.CRASHED), late
    history = read_history(tmp_path / "late.json")
    assert late.workflow_type == "late"
    assert (late.workflow_id, late.run_id) == (history.workflow_id, history.run_id)
    assert late.worker is None
