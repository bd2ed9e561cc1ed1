"""The one function that writes reports: whole or not at all, and only what was produced."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.errors import ReplaykitError
from replaykit.issue import Issues
from replaykit.report.document import Document
from replaykit.report.outputs import Outputs, write_outputs, write_report
from replaykit.verdict import Report
from tests.report.json_reports import checked
from tests.report.verdicts import consistent

ISSUES = Issues(name="replaykit gate", headline="gate passed", exit_code=0)


def test_what_was_not_produced_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay that could not start has no Report: its JSON would read like one where all is well."""
    monkeypatch.chdir(tmp_path)
    outputs = Outputs().also(Report, {"json": "report.json", "html": None}).also(Issues, {"junit": "j.xml"})
    assert list(outputs.files.values()) == ["report.json", "j.xml"]
    lines: list[str] = []
    write_outputs(
        outputs, ISSUES, root=tmp_path, repository=None, announce=lines.append, annotate=lines.append
    )
    assert lines == ["wrote j.xml"]
    assert [path.name for path in tmp_path.iterdir()] == ["j.xml"]
    report = Report.of([consistent()])
    write_outputs(
        outputs,
        report,
        ISSUES,
        root=tmp_path,
        repository=None,
        announce=lines.append,
        annotate=lines.append,
    )
    assert lines[1:] == ["wrote report.json", "wrote j.xml"]
    assert checked((tmp_path / "report.json").read_bytes(), "replay")["summary"]["consistent"] == 1


def test_a_half_written_report_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "found.json"
    target.write_text("of the run before", encoding="utf-8")

    def full(self: Path, other: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    lines: list[str] = []
    document = Document(report="explore", data={"base": None})
    with pytest.raises(ReplaykitError, match="No space left on device"):
        write_report(document, "json", str(target), announce=lines.append)
    assert lines == []
    assert [path.name for path in tmp_path.iterdir()] == ["found.json"]
    assert target.read_text(encoding="utf-8") == "of the run before"
