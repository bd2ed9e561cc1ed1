"""What is found about the corpus: unguarded workflows, stale fixtures, foreign payloads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec

from replaykit.check import Fixture, Registered
from replaykit.check.corpus import findings_of
from replaykit.config import Config, WorkerConfig
from replaykit.history import History, dump_history
from replaykit.replay.encodings import foreign_encodings
from replaykit.report.corpus_rows import finding_blocks
from replaykit.report.rows import plain_lines
from replaykit.trust import Finding, FindingKind
from replaykit.verdict import Outcome, Report, Verdict
from tests.check.gallery import CONFIG, MUTABLE, ROOT, checked
from tests.history.builders import HistoryBuilder, payload, two_activities

WITHOUT = FindingKind.WORKFLOW_WITHOUT_FIXTURE
STALE = FindingKind.FIXTURE_WITHOUT_WORKFLOW
FOREIGN = FindingKind.FOREIGN_ENCODING


def registered(*names: str | None, worker: str = "default") -> tuple[Registered, ...]:
    return tuple(Registered(worker=worker, workflow_type=name) for name in names)


def fixture(workflow_type: str | None, worker: str | None = "default", *foreign: str) -> Fixture:
    return Fixture(
        history=f"histories/{workflow_type}/1.json",
        workflow_type=workflow_type,
        worker=worker,
        foreign_encodings=foreign,
    )


def found(findings: tuple[Finding, ...]) -> list[tuple[FindingKind, str]]:
    return [(finding.kind, finding.subject) for finding in findings]


def test_a_workflow_without_a_fixture() -> None:
    (finding,) = findings_of(registered("Order", "Invoice"), [fixture("Order")], whole=True)
    assert (finding.kind, finding.subject, finding.fails) == (WITHOUT, "Invoice", False)
    assert "replaykit capture WORKFLOW_ID" in finding.cure
    assert "temporal workflow list --query 'WorkflowType=\"Invoice\"'" in finding.cure


@pytest.mark.parametrize("outcome", [*Outcome, None], ids=str)
def test_a_run_that_was_stuck_when_it_was_captured(outcome: Outcome | None) -> None:
    stuck = dataclasses.replace(
        fixture("Order"), stuck="event 19, WorkflowTaskFailed: no row", outcome=outcome
    )
    findings = findings_of(registered("Order"), [Fixture.of_facts(stuck.facts())], whole=True)
    if outcome is not Outcome.CONSISTENT:  # its Verdict says so
        assert findings == ()
        return
    (finding,) = findings
    assert (finding.kind, finding.fails) == (FindingKind.STUCK, False)
    (block,) = finding_blocks(findings)
    assert block.head.text == "1 fixture ends in a failed workflow task that this code comes past:"
    assert "event 19, WorkflowTaskFailed: no row" in "\n".join(plain_lines(block.rows))


def test_it_fails_the_check_where_fixtures_are_required() -> None:
    findings = findings_of(registered("Order", "Invoice"), [fixture("Order")], whole=True, required=True)
    assert [finding.fails for finding in findings] == [True]
    verdict = Verdict(history="one", outcome="consistent")  # type: ignore[arg-type]
    assert Report.of([verdict], findings=findings).exit_code == 2


def test_a_narrowed_run_does_not_know() -> None:
    assert findings_of(registered("Order", "Invoice"), [fixture("Order")], whole=False) == ()


def test_each_worker_needs_its_own() -> None:
    both = (*registered("Order", worker="eu"), *registered("Order", worker="us"))
    (finding,) = findings_of(both, [fixture("Order", "eu")], whole=True)
    assert (finding.subject, finding.worker) == ("Order", "us")


def test_a_fixture_that_could_be_of_several_workers_counts_for_each() -> None:
    both = (*registered("Order", worker="eu"), *registered("Order", worker="us"))
    assert findings_of(both, [fixture("Order", None)], whole=True) == ()


def test_a_dynamic_workflow_needs_one_of_a_type_that_has_no_other() -> None:
    workflows = registered("Order", None)
    assert found(findings_of(workflows, [fixture("Order")], whole=True)) == [(WITHOUT, "(dynamic)")]
    assert findings_of(workflows, [fixture("Order"), fixture("Newsletter")], whole=True) == ()


def test_a_stale_fixture() -> None:
    findings = findings_of(registered("Order"), [fixture("Order"), fixture("Old", None)], whole=False)
    assert found(findings) == [(STALE, "histories/Old/1.json")]


def test_an_unreadable_file_is_nobodys_finding() -> None:
    assert findings_of(registered("Order"), [fixture("Order"), fixture(None, None)], whole=True) == ()


def test_a_foreign_codec() -> None:
    findings = findings_of(registered("Order"), [fixture("Order", "default", "binary/encrypted")], whole=True)
    assert found(findings) == [(FOREIGN, "histories/Order/1.json")]
    assert "encoded as binary/encrypted" in findings[0].message


def lines_of(findings: Iterable[Finding]) -> list[str]:
    return [line for block in finding_blocks(findings) for line in plain_lines(block.whole)]


def test_as_lines() -> None:
    fixtures = [fixture("Order", "default", "binary/encrypted"), fixture("Old", None)]
    findings = findings_of(registered("Order", "Invoice", "Refund"), fixtures, whole=True)
    assert lines_of(findings) == [
        "2 workflows have no fixture, so nothing guards them:",
        "  Invoice, Refund",
        "  Capture a run: replaykit capture WORKFLOW_ID",
        "  Its id: temporal workflow list --query 'WorkflowType=\"Invoice\"'",
        "1 fixture is stale: no configured worker runs the workflow:",
        "  histories/Old/1.json: Old",
        "  Delete it if the workflow was removed; else add its module to workflows",
        "1 fixture holds payloads that the data converter cannot read:",
        "  histories/Order/1.json: binary/encrypted",
        "  Configure the codec that wrote them: data_converter in [tool.replaykit]",
    ]


def test_a_long_list_is_cut() -> None:
    old = [dataclasses.replace(fixture("Old", None), history=f"{n}.json") for n in range(12)]
    lines = lines_of(findings_of(registered("Order"), old, whole=False))
    assert lines[0].startswith("12 fixtures are stale")
    assert lines[10:12] == ["  9.json: Old", "  and 2 more"]


# Encodings


class Nothing(PayloadCodec):
    async def encode(self, payloads: object) -> list[Payload]:
        return []

    async def decode(self, payloads: object) -> list[Payload]:
        return []


def encrypted(text: str) -> dict[str, Any]:
    return {"payloads": [{"metadata": {"encoding": "YmluYXJ5L2VuY3J5cHRlZA=="}, "data": text}]}


def test_the_gallery_holds_nothing_foreign() -> None:
    assert {foreign_encodings(history, DataConverter.default) for history in MUTABLE} == {()}


@pytest.mark.parametrize(
    "where",
    [
        {"input": encrypted("AAAA")},
        {"header": {"fields": {"trace": encrypted("AAAA")["payloads"][0]}}},
        {"memo": {"fields": {"note": encrypted("AAAA")["payloads"][0]}}},
        {"lastCompletionResult": encrypted("AAAA")},
        {"continuedFailure": {"encodedAttributes": encrypted("AAAA")["payloads"][0]}},
        {"continuedFailure": {"cause": {"applicationFailureInfo": {"details": encrypted("AAAA")}}}},
    ],
    ids=["input", "header", "memo", "last result", "failure", "cause"],
)
def test_an_encrypted_payload_is_found_wherever_it_is(where: dict[str, Any]) -> None:
    history = HistoryBuilder(**where).history()
    assert foreign_encodings(history, DataConverter.default) == ("binary/encrypted",)


def test_a_codec_is_taken_to_know_its_own() -> None:
    history = HistoryBuilder(input=encrypted("AAAA")).history()
    assert (
        foreign_encodings(history, dataclasses.replace(DataConverter.default, payload_codec=Nothing())) == ()
    )


def test_every_encoding_of_the_sdk_is_known() -> None:
    for encoding in ("binary/null", "binary/plain", "json/protobuf", "binary/protobuf", "json/plain"):
        value = payload(1)
        value.metadata["encoding"] = encoding.encode()
        history = HistoryBuilder(input={"payloads": []}).history()
        history.events[0].workflow_execution_started_event_attributes.input.payloads.append(value)
        assert foreign_encodings(history, DataConverter.default) == (), encoding


# The whole check


def test_the_check_gathers_them(tmp_path: Path) -> None:
    stale = two_activities()
    (tmp_path / "stale.json").write_bytes(dump_history(dataclasses.replace(stale, workflow_type="Gone")))
    sealed = _sealed()
    (tmp_path / "sealed.json").write_bytes(dump_history(sealed))
    worker = WorkerConfig(workflows=("tests.gallery.blocks.data_processing", "tests.gallery.blocks.timers"))
    report = checked(Config(root=ROOT, histories=(tmp_path,), workers=(worker,)))
    assert [(f.kind, Path(f.subject).name) for f in report.findings] == [
        (WITHOUT, "ReminderWorkflow"),
        (STALE, "stale.json"),
        (FOREIGN, "sealed.json"),
    ]
    assert {verdict.worker for verdict in report.verdicts} == {"default", None}


def _sealed() -> History:
    builder = HistoryBuilder(workflow_type="DataProcessingWorkflow", input=encrypted("AAAA"))
    builder.schedule_activity(builder.task(), "extract_rows")
    return builder.history(workflow_type="DataProcessingWorkflow")


def test_required_fixtures_are_looked_for_in_all_configured_histories() -> None:
    (one, *_) = (ROOT / "histories" / "GoodWorkflow").glob("*.json")
    quiet = checked(CONFIG, [one])
    assert quiet.findings == ()
    strict = checked(dataclasses.replace(CONFIG, require_fixtures=True), [one])
    assert {finding.worker for finding in strict.findings} == {"bad"}
    assert strict.exit_code == 2
