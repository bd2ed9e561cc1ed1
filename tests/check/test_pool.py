"""The Judge of several children: it answers as one child does, and a child costs the History that it had."""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

import replaykit.check.child
import replaykit.check.pool
from replaykit.check import ChildCheck, PoolCheck
from replaykit.config import Config, WorkerConfig, load_config
from replaykit.errors import ReplaykitError
from replaykit.history import find_fixtures
from replaykit.paths import display
from replaykit.trust import FindingKind
from replaykit.verdict import Outcome, Reason, Verdict
from tests.check.gallery import CONFIG, FIXTURES
from tests.pairs.runs import HISTORIES
from tests.pairs.table import PAIRS
from tests.plugin.project import CHANGED, UNCHANGED, write_project

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def steady(verdict: Verdict) -> Verdict:
    return dataclasses.replace(verdict, duration_s=0.0)


@contextmanager
def judge_of(
    config: Config, monkeypatch: pytest.MonkeyPatch, *, jobs: int | None, seed: int = 1
) -> Iterator[PoolCheck]:
    monkeypatch.syspath_prepend(config.root)
    with PoolCheck(dataclasses.replace(config, jobs=jobs), seed=seed) as judge:
        yield judge


def of_one_child(config: Config, paths: Sequence[Path]) -> tuple[object, ...]:
    with ChildCheck(config) as judge:
        verdicts = [steady(verdict) for verdict in judge.judge_all(paths)]
        return verdicts, judge.registered(whole=False), set(judge.files()), set(judge.findings)


def of_two(config: Config, paths: Sequence[Path]) -> tuple[object, ...]:
    with PoolCheck(dataclasses.replace(config, jobs=2)) as judge:
        verdicts = [steady(verdict) for verdict in judge.judge_all(paths)]
        assert len(judge.hash_seeds) == 2
        return verdicts, judge.registered(whole=False), set(judge.files()), set(judge.findings)


@pytest.mark.parametrize("strict", [False, pytest.param(True, marks=pytest.mark.exhaustive)])
def test_it_answers_as_one_child_does_about_the_gallery(strict: bool) -> None:
    config = dataclasses.replace(CONFIG, strict=strict)
    assert of_two(config, FIXTURES) == of_one_child(config, FIXTURES)


def pairs_as_project(root: Path) -> Config:
    """A worker for each pair, with its history in the folder of that name."""
    workers = []
    files = {path.parent.name: path for path in find_fixtures([HISTORIES])}
    for pair in PAIRS:
        name = pair.new.replace(".", "-")
        workers.append(WorkerConfig(name=name, workflows=(pair.spec,)))
        (root / "histories" / name).mkdir(parents=True)
        path = pair.history.path
        assert path is not None
        shutil.copyfile(path, root / "histories" / name / path.name)
    assert files
    return Config(root=root, histories=(root / "histories",), workers=tuple(workers))


@pytest.mark.exhaustive
def test_it_answers_as_one_child_does_about_the_pairs(tmp_path: Path) -> None:
    config = pairs_as_project(tmp_path)
    paths = find_fixtures(config.histories)
    two, one = of_two(config, paths), of_one_child(config, paths)
    assert two == one
    outcomes = [verdict.outcome for verdict in two[0]]  # type: ignore[attr-defined]
    assert {outcomes.count(Outcome.DIVERGED) > 50, outcomes.count(Outcome.CONSISTENT) > 10} == {True}


def test_verdicts_come_in_the_order_of_the_files_and_are_heard_of_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixtures = write_project(tmp_path, copies=7)
    for number, fixture in enumerate(fixtures):  # the last is the largest, and so the first to be judged
        fixture.write_text(fixture.read_text(encoding="utf-8") + "\n" * 1000 * number, encoding="utf-8")
    heard: list[str] = []
    with judge_of(load_config(tmp_path), monkeypatch, jobs=3) as judge:
        verdicts = list(judge.judge_all(fixtures, on_verdict=lambda verdict: heard.append(verdict.history)))
    assert [verdict.history for verdict in verdicts] == [display(path) for path in fixtures]
    assert sorted(heard) == sorted(display(path) for path in fixtures)
    assert heard != [display(path) for path in fixtures]


def test_one_process_is_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixtures = write_project(tmp_path, copies=3)
    before = threading.active_count()
    threads: set[str] = set()
    with judge_of(load_config(tmp_path), monkeypatch, jobs=1, seed=77) as judge:
        for _ in judge.judge_all(fixtures):
            threads |= {thread.name for thread in threading.enumerate()}
        assert judge.hash_seeds == (77,)
    assert not [name for name in threads if name.startswith("replaykit-pool")]
    assert threading.active_count() == before


def test_a_small_run_stays_with_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaykit.check.pool, "usable_cores", lambda: 4)
    fixtures = write_project(tmp_path, copies=5)
    with judge_of(load_config(tmp_path), monkeypatch, jobs=None) as judge:
        assert all(verdict.is_consistent for verdict in judge.judge_all(fixtures))
        assert len(judge.hash_seeds) == 1


def test_another_process_is_started_where_replays_take_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaykit.check.pool, "usable_cores", lambda: 2)
    fixtures = write_project(tmp_path, code=SLOW, copies=60)
    with judge_of(load_config(tmp_path), monkeypatch, jobs=None) as judge:
        assert all(verdict.is_consistent for verdict in judge.judge_all(fixtures))
        assert len(judge.hash_seeds) == 2


def with_ways(root: Path, **bodies: str) -> dict[str, Path]:
    """A project with a workflow of each name that begins with these statements, and a history of each."""
    (fixture,) = write_project(root)
    text, parts, paths = fixture.read_text(encoding="utf-8"), [], {}
    fixture.unlink()
    for name, body in bodies.items():
        source = UNCHANGED.replace(
            "@workflow.defn\nclass DataProcessingWorkflow",
            f'@workflow.defn(name="{name}", sandboxed=False)\nclass {name.capitalize()}',
        )
        parts.append(source.replace("        rows =", f"        {body}\n        rows =", 1))
        paths[name] = fixture.with_name(f"{name}.json")
        paths[name].write_text(text.replace("DataProcessingWorkflow", name), encoding="utf-8")
    code = "import ctypes, os, signal, time\n" + "\n\n".join(parts)
    (root / "flows.py").write_text(code, encoding="utf-8")
    return paths


def copies(path: Path, count: int) -> list[Path]:
    made = [path.with_name(f"{path.stem}-{number}.json") for number in range(count)]
    for each in made:
        shutil.copyfile(path, each)
    return made


def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaykit.check.child, "to_answer", lambda timeout_s: 1 + timeout_s)


@POSIX
def test_code_that_ends_or_holds_its_process_costs_its_own_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_deadlines(monkeypatch)
    paths = with_ways(
        tmp_path, good="pass", leaves="os._exit(3)", holds="ctypes.PyDLL(None).sleep(600)", last="pass"
    )
    files = [*copies(paths["good"], 6), paths["leaves"], paths["holds"], *copies(paths["last"], 6)]
    config = dataclasses.replace(load_config(tmp_path), timeout_s=0.5)
    with judge_of(config, monkeypatch, jobs=2) as judge:
        verdicts = list(judge.judge_all(files))
    reasons = [verdict.reason for verdict in verdicts]
    assert reasons == [*[None] * 6, Reason.CRASHED, Reason.TIMED_OUT, *[None] * 6]
    assert [verdict.workflow_type for verdict in verdicts[6:8]] == ["leaves", "holds"]


@POSIX
def test_three_deadlines_in_a_row_are_of_whatever_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_deadlines(monkeypatch)
    paths = with_ways(tmp_path, holds="ctypes.PyDLL(None).sleep(600)")
    files = copies(paths["holds"], 9)
    config = dataclasses.replace(load_config(tmp_path), timeout_s=0.5)
    with judge_of(config, monkeypatch, jobs=2) as judge:
        verdicts = list(judge.judge_all(files))
    assert {verdict.reason for verdict in verdicts} == {Reason.TIMED_OUT}
    waited = [v for v in verdicts if not (v.message or "").startswith("not replayed: ")]
    assert len(waited) in (3, 4)  # one may have begun as the third came to its end


def test_code_that_does_not_load_is_an_error_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixtures = write_project(tmp_path, copies=3)
    (tmp_path / "flows.py").write_text("import sys\nsys.exit(0)\n", encoding="utf-8")
    with (
        judge_of(load_config(tmp_path), monkeypatch, jobs=2) as judge,
        pytest.raises(ReplaykitError, match="importing it raised SystemExit"),
    ):
        list(judge.judge_all(fixtures))


def test_one_worker_that_ends_its_process_costs_one_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both children come to load it at once: the second one is not charged to a history."""
    fixtures = write_project(tmp_path, copies=6)
    (tmp_path / "late.py").write_text("import os, time\ntime.sleep(0.5)\nos._exit(4)\n", encoding="utf-8")
    good, late = tmp_path / "histories" / "good", tmp_path / "histories" / "late"
    good.mkdir()
    late.mkdir()
    files = [path.rename((good if index > 3 else late) / path.name) for index, path in enumerate(fixtures)]
    workers = (
        WorkerConfig(name="late", workflows=("late",)),
        WorkerConfig(name="good", workflows=("flows",)),
    )
    config = dataclasses.replace(load_config(tmp_path), workers=workers)
    with judge_of(config, monkeypatch, jobs=2) as judge:
        verdicts = list(judge.judge_all(files))
        names = [entry.worker for entry in judge.registered(whole=True)]
    reasons = [verdict.reason for verdict in verdicts]
    assert sorted(filter(None, reasons)) == [Reason.CRASHED, *[Reason.WORKFLOW_TASK_FAILED] * 3]
    assert [verdict.outcome for verdict in verdicts[4:]] == [Outcome.CONSISTENT] * 2
    assert names == ["good"]


@pytest.mark.skipif(sys.platform != "linux", reason="its children are found in /proc")
@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.weekly)])
def test_a_child_that_is_killed_costs_the_history_that_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    paths = with_ways(tmp_path, good="time.sleep(0.05)", bad="time.sleep(0.05)")
    source = (tmp_path / "flows.py").read_text(encoding="utf-8")
    head, mark, tail = source.rpartition('"extract_rows"')
    assert mark
    (tmp_path / "flows.py").write_text(f'{head}"another"{tail}', encoding="utf-8")
    files = [*copies(paths["good"], 15 * kills), *copies(paths["bad"], 5 * kills)]
    rolled = random.Random(kills)
    killed: list[int] = []

    def kill(verdict: Verdict) -> None:
        running = [pid for pid in children_of(os.getpid()) if pid not in killed]
        if running and len(killed) < kills and rolled.random() < 0.2:
            killed.append(rolled.choice(running))
            time.sleep(rolled.random() * 0.1)  # into a replay, or the start of a process
            os.kill(killed[-1], signal.SIGKILL)

    with judge_of(load_config(tmp_path), monkeypatch, jobs=2) as judge:
        verdicts = list(judge.judge_all(files, on_verdict=kill))
        again = [finding for finding in judge.findings if "judged again in a new process" in finding.message]
    lost = [verdict for verdict in verdicts if verdict.reason is Reason.CRASHED]
    assert len(lost) <= len(killed) == kills
    assert len(lost) + len(again) >= kills / 2  # where it had judged others before, a new one may know better
    assert [verdict.history for verdict in verdicts] == [display(path) for path in files]
    for verdict, path in zip(verdicts, files, strict=True):
        expected = Outcome.CONSISTENT if path.stem.startswith("good") else Outcome.DIVERGED
        assert verdict in lost or verdict.outcome is expected, verdict


def children_of(parent: int) -> list[int]:
    """Those that judge: a process that was just started is not one yet."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == parent and b"boot.py" in command:
            found.append(int(stat.parent.name))
    return found


SLOW = "import time\n" + UNCHANGED.replace("@workflow.defn\n", "@workflow.defn(sandboxed=False)\n").replace(
    "        rows =", "        time.sleep(0.1)\n        rows =", 1
)
BY_ORDER = SLOW.replace(
    '        rows = await workflow.execute_activity("extract_rows",',
    '        for name in {"extract_rows", "load_rows"}:\n            break\n'
    "        rows = await workflow.execute_activity(name,",
)
"""Under about every second hash seed it asks for what was recorded."""


def seeds_of(*outcomes: Outcome, root: Path, fixture: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For each outcome a hash seed under which the code comes to it."""
    known: dict[Outcome, int] = {}
    for seed in range(1, 30):
        with judge_of(load_config(root), monkeypatch, jobs=1, seed=seed) as judge:
            known.setdefault(judge.judge(fixture).outcome, seed)
        if set(outcomes) <= set(known):
            return [known[outcome] for outcome in outcomes]
    raise AssertionError(known)


def test_code_that_walks_over_a_set_is_found_by_the_seeds_of_two_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixtures = write_project(tmp_path, code=BY_ORDER, copies=16)
    good, bad = seeds_of(
        Outcome.CONSISTENT, Outcome.DIVERGED, root=tmp_path, fixture=fixtures[0], monkeypatch=monkeypatch
    )
    both = iter([good, bad])
    monkeypatch.setattr(replaykit.check.pool, "seeds", lambda first: both if first == good else iter([first]))
    with judge_of(load_config(tmp_path), monkeypatch, jobs=2, seed=good) as judge:
        verdicts = list(judge.judge_all(fixtures))
        assert judge.hash_seeds == (good, bad)
        findings = judge.findings
    failing = {verdict.history: verdict for verdict in verdicts if verdict.outcome is Outcome.DIVERGED}
    assert 0 < len(failing) < len(fixtures)
    assert {finding.subject for finding in findings} == set(failing)
    assert {finding.kind for finding in findings} == {FindingKind.HASH_SEED}
    assert findings[0].detail == f"diverged under seed {bad}, consistent under {good}"
    assert f"replaykit replay --jobs 1 --seed {bad} {findings[0].subject}" in findings[0].cure
    divergence = failing[findings[0].subject].divergence
    assert divergence is not None
    assert "for name in sorted(names)" in (divergence.suggestion or "")
    with judge_of(load_config(tmp_path), monkeypatch, jobs=1, seed=bad) as judge:  # as the cure has it
        assert judge.judge(fixtures[0]).outcome is Outcome.DIVERGED


def test_a_first_child_that_loads_last_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By who asks it about the corpus, too, once the others have judged all."""
    slow = 'import os, time\nif os.environ["PYTHONHASHSEED"] == "1":\n    time.sleep(3)\n'
    fixtures = write_project(tmp_path, code=slow + UNCHANGED, copies=3)
    with judge_of(load_config(tmp_path), monkeypatch, jobs=2, seed=1) as judge:
        assert all(verdict.is_consistent for verdict in judge.judge_all(fixtures))
        assert len(judge.hash_seeds) == 1
        assert 1 not in judge.hash_seeds
        assert [entry.code is not None for entry in judge.registered(whole=False)] == [True]
        assert judge.known(fixtures[0]).worker == "default"


def test_what_fails_under_every_seed_is_no_matter_of_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixtures = write_project(tmp_path, code=CHANGED, copies=12)
    with judge_of(load_config(tmp_path), monkeypatch, jobs=2) as judge:
        verdicts = list(judge.judge_all(fixtures))
        assert judge.findings == []
    assert {verdict.outcome for verdict in verdicts} == {Outcome.DIVERGED}
    assert "patched" in ((verdicts[0].divergence and verdicts[0].divergence.suggestion) or "")


def test_a_pool_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second question waits for nothing of the first, of which the rest was not heard."""
    fixtures = write_project(tmp_path, copies=8)
    with judge_of(load_config(tmp_path), monkeypatch, jobs=2) as judge:
        assert next(iter(judge.judge_all(fixtures))).is_consistent
        assert judge.judge(fixtures[0], name="another").history == "another"
        named = judge.judge_files({f"base:{path.name}": path for path in fixtures})
        assert [verdict.history for verdict in named] == [f"base:{path.name}" for path in fixtures]


def test_the_rest_is_not_judged_where_nobody_hears_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = f'        open({str(tmp_path / "replays")!r}, "a").write("x")\n        time.sleep(0.1)\n'
    fixtures = write_project(tmp_path, code=SLOW.replace("        time.sleep(0.1)\n", note), copies=60)
    with judge_of(load_config(tmp_path), monkeypatch, jobs=2) as judge:
        assert next(iter(judge.judge_all(fixtures))).is_consistent
        time.sleep(2)
    assert len((tmp_path / "replays").read_text(encoding="utf-8")) < 10
