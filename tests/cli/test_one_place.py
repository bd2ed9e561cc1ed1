"""Two reports for one file, or for standard output: refused before anything is judged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from replaykit.cli import cli
from replaykit.errors import ConfigError
from replaykit.plugin.reports import add_html_report
from replaykit.report.document import Document
from replaykit.report.outputs import write_report
from tests.conftest import RunReplaykit
from tests.plugin.project import write_project


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(*arguments: str) -> ConfigError:
    """The error of a command line, which ends it before the project is read: there is none here."""
    result = CliRunner().invoke(cli, list(arguments), standalone_mode=False)
    assert isinstance(result.exception, ConfigError), result.exception or result.output
    assert not list(Path().iterdir()), "something was written"
    return result.exception


@pytest.mark.parametrize("command", ["replay", "gate"])
@pytest.mark.parametrize(
    ("first", "second"),
    [("json", "markdown"), ("markdown", "sarif"), ("junit", "gitlab"), ("gitlab", "json")],
)
def test_one_file_for_two_formats(command: str, first: str, second: str) -> None:
    error = refused(command, f"--{first}", "out", f"--{second}", "out")
    assert error.where == "out"
    assert f"--{first}" in error.what
    assert f"--{second}" in error.what
    assert "name the same file" in error.what


@pytest.mark.parametrize("command", ["replay", "gate"])
def test_standard_output_for_two_formats(command: str) -> None:
    error = refused(command, "--json", "-", "--markdown", "-")
    assert "standard output holds one report" in error.what
    assert "--json" in error.what
    assert "--markdown" in error.what


@pytest.mark.parametrize("also", ["/dev/stdout", "/dev/fd/1"])
def test_standard_output_has_other_names(also: str) -> None:
    assert "standard output holds one report" in refused("replay", "--html", "-", "--json", also).what


@pytest.mark.parametrize("also", ["./out", "folder/../out", "{here}/out"])
def test_a_file_has_other_names(tmp_path: Path, also: str) -> None:
    error = refused("replay", "--html", "out", "--json", also.format(here=tmp_path))
    assert "--html" in error.what
    assert "--json" in error.what


def test_links_to_one_file(tmp_path: Path) -> None:
    Path("a").symlink_to("out")
    Path("b").symlink_to("out")
    result = CliRunner().invoke(cli, ["gate", "--json", "a", "--sarif", "b"], standalone_mode=False)
    assert isinstance(result.exception, ConfigError)
    assert "name the same file" in result.exception.what


@pytest.mark.parametrize("command", ["replay", "gate"])
def test_a_report_never_takes_the_place_of_a_fixture(command: str) -> None:
    Path("a.json").write_text("{}", encoding="utf-8")
    result = CliRunner().invoke(cli, [command, "a.json", "--json", "a.json"], standalone_mode=False)
    assert isinstance(result.exception, ConfigError)
    assert "PATH and --json name the same file" in result.exception.what
    assert Path("a.json").read_text(encoding="utf-8") == "{}"


def test_what_explore_keeps_and_what_it_writes() -> None:
    assert "--keep and --json name the same file" in refused("explore", "--keep", "out", "--json", "out").what


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay", "--json", "a", "--markdown", "b"),
        ("gate", "--json", "-", "--markdown", "b"),
        ("patches", "--offline", "--json", "a"),
    ],
)
def test_files_of_their_own_are_fine(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, list(arguments), standalone_mode=False)
    assert "same file" not in str(result.exception)
    assert "standard output holds" not in str(result.exception)


@pytest.mark.exhaustive
def test_the_exit_code_is_2(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    done = run_replaykit("replay", "--json", "out", "--markdown", "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "out: --markdown and --json name the same file" in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "name"), [("--junit-xml", "xmlpath"), ("--log-file", "log_file"), ("--html", "htmlpath")]
)
def test_pytest_writes_something_else_there(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, option: str, name: str
) -> None:
    monkeypatch.setattr(pytestconfig.option, "replay_html", "page.html")
    monkeypatch.setattr(pytestconfig.option, name, "./page.html", raising=False)
    with pytest.raises(pytest.UsageError, match=f"^{option} and --replay-html name the same file"):
        add_html_report(pytestconfig)


def test_pytest_keeps_its_standard_output(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytestconfig.option, "replay_html", "-")
    with pytest.raises(pytest.UsageError, match="standard output is for pytest's own report"):
        add_html_report(pytestconfig)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_no_file_takes_the_place_of_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        lines: list[str] = []
        document = Document(report="explore", data={"base": None})
        write_report(document, "json", str(tmp_path / "pipe"), announce=lines.append)
        assert b'"base"' in os.read(reader, 1 << 16)
        assert (tmp_path / "pipe").is_fifo()
    finally:
        os.close(reader)
