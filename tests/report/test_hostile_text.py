"""Every output shows hostile text, and none hands it on: nothing in it is obeyed by what reads it."""

from __future__ import annotations

import dataclasses
import functools
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from replaykit import cli
from replaykit.check import Check, check
from replaykit.config import Config, StrictPolicy, WorkerConfig
from replaykit.errors import HistoryError
from replaykit.explore.rows import rows_of_future
from replaykit.explore.searching.futures import Future
from replaykit.history import History, read_history
from replaykit.issue import Issues
from replaykit.patches import block_of_patch, document_of, survey, totals
from replaykit.plugin.failures import PrintedBlock
from replaykit.report.github import annotation_lines, render_summary
from replaykit.report.outputs import write_report
from replaykit.report.report_issues import issues_of, issues_of_error
from replaykit.report.rows import plain_lines
from replaykit.report.terminal import make_console, print_report, print_rows
from replaykit.report.terminal_issues import print_issues
from replaykit.report.timeline_lines import timeline_lines
from replaykit.report.verdict_rows import block_of
from replaykit.verdict import Report, Verdict
from replaykit.visible import visible
from tests.report.hostile import FILES, obeyed_in, write_hostile

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="file names that Windows does not take")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subject:
    """What the outputs show."""

    config: Config
    paths: Mapping[str, Path]
    reports: Mapping[str, Report]
    strict: Mapping[str, Report]
    errors: Mapping[str, HistoryError]
    histories: Mapping[str, History]


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    root = tmp_path_factory.mktemp("hostile")
    paths = write_hostile(root / "histories")
    worker = WorkerConfig(workflows=("tests.report.hostile",))
    config = Config(root=root, workers=(worker,), histories=(root / "histories",))
    strict = dataclasses.replace(config, strict=True, strict_policy=StrictPolicy())
    histories, errors = {}, {}
    for name, path in paths.items():
        try:
            histories[name] = read_history(path)
        except HistoryError as error:
            errors[name] = error
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        yield Subject(
            config=config,
            paths=paths,
            reports=_judged(config, paths),
            strict=_judged(strict, paths),
            errors=errors,
            histories=histories,
        )


def _judged(config: Config, paths: Mapping[str, Path]) -> dict[str, Report]:
    with Check(config, evidence=True) as judge:
        return {name: check(judge, [path]) for name, path in paths.items()}


def _printed(show: Callable[[Console], None]) -> str:
    out = io.StringIO()
    show(make_console(out))
    return out.getvalue()


def _written(subject: object, form: str) -> str:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        write_report(subject, form, "-", announce=lambda line: None)
    return out.getvalue()


def _block(verdict: Verdict, *, verbose: bool = False) -> PrintedBlock:
    block = block_of(verdict, verbose=verbose)
    return PrintedBlock.of(block, path=Path(verdict.history), short=f"failed: {verdict.message}")


def _each(render: Callable[[Report], str]) -> Callable[[Subject], dict[str, str]]:
    return lambda subject: {name: render(report) for name, report in subject.reports.items()}


def _strict(render: Callable[[Report], str]) -> Callable[[Subject], dict[str, str]]:
    return lambda subject: {name: render(report) for name, report in subject.strict.items()}


def _issues(render: Callable[[Issues], str]) -> Callable[[Subject], dict[str, str]]:
    return lambda subject: {name: render(issues_of(report)) for name, report in subject.reports.items()}


def _annotations(issues: Issues) -> str:
    """The part of each line that holds text of others: after the command and its properties."""
    lines = annotation_lines(issues)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    return "\n".join(f"{line[2:]}" for line in lines)


def _future(name: str, report: Report) -> str:
    return _printed(
        lambda console: print_rows(rows_of_future(Future(name=name, verdict=report.verdicts[0]), {}), console)
    )


def _patches(subject: Subject) -> dict[str, str]:
    found = survey(subject.config, connection=None)
    lines = [line for patch in found.patches for line in plain_lines(block_of_patch(patch).whole)]
    notes = _printed(lambda console: console.print(*totals(found), sep="\n", markup=False))
    return {"all": "\n".join([*lines, notes]), "json": _written(document_of(found), "json")}


def _shown(subject: Subject) -> dict[str, str]:
    """As `show` prints it into a pipe."""
    return {
        name: "\n".join(visible(line.plain) for line in timeline_lines(history))
        for name, history in subject.histories.items()
    }


def _print_lines(lines: Sequence[Text], console: Console) -> None:
    for line in lines:
        console.print(line)


def _shown_at_terminal(subject: Subject) -> dict[str, str]:
    return {
        name: _printed(functools.partial(_print_lines, tuple(timeline_lines(history))))
        for name, history in subject.histories.items()
    }


OUTPUTS: Mapping[str, Callable[[Subject], Mapping[str, str]]] = {
    "terminal": _each(lambda report: _printed(lambda console: print_report(report, console))),
    "terminal, verbose": _each(
        lambda report: _printed(lambda console: print_report(report, console, verbose=True))
    ),
    "terminal, strict": _strict(lambda report: _printed(lambda console: print_report(report, console))),
    "terminal, strict and verbose": _strict(
        lambda report: _printed(lambda console: print_report(report, console, verbose=True))
    ),
    "gate": _issues(lambda issues: _printed(lambda console: print_issues(issues, console))),
    "gate that could not run": lambda subject: {
        name: _printed(functools.partial(print_issues, issues_of_error("gate", error)))
        for name, error in subject.errors.items()
    },
    "JSON": _each(lambda report: _written(report, "json")),
    "JSON, strict": _strict(lambda report: _written(report, "json")),
    "HTML": _each(lambda report: _written(report, "html")),
    "HTML, strict": _strict(lambda report: _written(report, "html")),
    "issues as JSON": _issues(lambda issues: _written(issues, "json")),
    "Markdown": _issues(lambda issues: _written(issues, "markdown").replace("\u2060", "")),
    "JUnit XML": _issues(lambda issues: _written(issues, "junit")),
    "SARIF": _issues(lambda issues: _written(issues, "sarif")),
    "Code Quality": _issues(lambda issues: _written(issues, "gitlab")),
    "annotations": _issues(_annotations),
    "summary of the job": _issues(lambda issues: render_summary(issues).replace("\u2060", "")),
    "pytest": _each(lambda report: str(_block(report.verdicts[0]))),
    "pytest, verbose": _strict(lambda report: str(_block(report.verdicts[0], verbose=True))),
    "pytest, short summary": _each(lambda report: str(_block(report.verdicts[0]).reprcrash)),
    "pytest, of another process": _each(
        lambda report: str(PrintedBlock.of_data(_block(report.verdicts[0]).as_data()))
    ),
    "show": _shown,
    "show at a terminal": _shown_at_terminal,
    "patches": _patches,
    "explore": lambda subject: {
        name: _future(str(subject.paths[name]), report) for name, report in subject.reports.items()
    },
    "messages": lambda subject: {name: str(error) for name, error in subject.errors.items()},
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("output", OUTPUTS)
def test_no_output_hands_on_what_is_obeyed(subject: Subject, output: str) -> None:
    texts = OUTPUTS[output](subject)
    assert texts
    assert {name: found for name, text in texts.items() if (found := obeyed_in(text))} == {}


@pytest.mark.exhaustive
def test_the_text_is_there_for_the_eye(subject: Subject) -> None:
    """It is shown, not left out: a table that no hostile text reaches would be green too."""
    reached = {
        name
        for name in (*FILES, "file name")
        for text in (
            OUTPUTS["terminal, strict and verbose"](subject)[name],
            OUTPUTS["show"](subject).get(name, ""),
        )
        if "error file=" in " ".join(text.split()) or r"\x1b" in text
    }
    assert reached == {*FILES, "file name"}


def test_a_report_in_json_holds_the_text_as_it_is(subject: Subject) -> None:
    document = json.loads(_written(subject.reports["workflow id"], "json"))
    assert document["verdicts"][0]["workflow_id"] == subject.histories["workflow id"].workflow_id


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "\x1b[2J\n::error::x.json"], r"\x1b[2J"),
        (["replay", "--\x1b]0;\u202e"], r"\x1b]0;\u202e"),  # `\x1b[2J` would be left out by click 8.1 itself
    ],
)
def test_an_error_at_the_command_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli._run(arguments) == 2
    shown = capsys.readouterr()
    assert obeyed_in(shown.err) == []
    assert says in shown.err


def test_a_breakdown_shows_its_traceback_harmless(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise LookupError("\x1b[2J\n::error::x")

    monkeypatch.setattr("replaykit.config.load_config", broken)
    monkeypatch.setattr(os.path, "lexists", lambda path: True)
    assert cli._run(["show", "x.json"]) == 2
    shown = capsys.readouterr()
    assert obeyed_in(shown.err) == []
    assert r"\x3a:error::x" in shown.err


_PYPROJECT = '[tool.replaykit]\nworkflows = ["flows"]\n'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    write_hostile(root / "histories")
    source = Path(__file__).with_name("hostile.py").read_text(encoding="utf-8")
    start, end = source.index("@workflow.defn"), source.index("def _begun")
    imports = "from datetime import timedelta\nfrom temporalio import workflow\n"
    imports += "from temporalio.common import RetryPolicy\n\n"
    (root / "flows.py").write_text(imports + source[start:end], encoding="utf-8")
    (root / "pyproject.toml").write_text(_PYPROJECT, encoding="utf-8")
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "x"], check=True)
    return root


PROCESSES = [
    ["pytest", "--replay-histories", "histories", "-p", "no:cacheprovider", "-vv", "-rA"],
    ["replaykit", "replay", "--strict", "-v"],
    ["pytest", "--replay-histories", "histories", "-p", "no:cacheprovider"],
    ["pytest", "--replay-histories", "histories", "-p", "no:cacheprovider", "-v", "-n", "2"],
    ["replaykit", "replay"],
    ["replaykit", "replay", "--self-test"],
    ["replaykit", "replay", "--perturb", "--perturb-rounds", "1"],
    ["replaykit", "replay", "--require-fixtures"],
    *(["replaykit", "replay", f"--{form}", "-"] for form in ("json", "html", "junit", "sarif", "gitlab")),
    ["replaykit", "gate", "--base", "none"],
    ["replaykit", "gate", "--base", "none", "--json", "-"],
    ["replaykit", "patches"],
    ["replaykit", "patches", "--json", "-"],
    ["replaykit", "explore", "--from", "histories", "--time", "1"],
]


@pytest.mark.exhaustive
@pytest.mark.parametrize("command", PROCESSES, ids=" ".join)
@pytest.mark.thinned(18)
def test_a_whole_run(project: Path, clean_environ: dict[str, str], command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env={**clean_environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])},
        capture_output=True,
        check=False,
        timeout=120,
    )
    output = (done.stdout + done.stderr).decode()
    assert [ascii(line) for line in obeyed_in(output.replace("\u2060", ""))] == []
    if not any(argument.startswith(("-v", "--perturb")) for argument in command):  # which show the code's
        shown = done.stderr.decode() if command[-1] == "-" else output  # so does a whole report
        assert "Traceback (most recent call last)" not in shown
    assert done.returncode in (0, 1, 2)
