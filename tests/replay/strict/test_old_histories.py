"""Histories of older SDKs and services, under code that asks for the same: no false alarm there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow

from replaykit.history import read_history
from replaykit.verdict import Outcome
from tests.replay.strict.judging import ROOT, judge
from tests.replay.strict.stories import seconds

pytestmark = pytest.mark.corpus

CORPUS = ROOT.parent / "shared" / "histories"


@workflow.defn(name="SayHelloWorkflow", sandboxed=False)
class SayHello:
    @workflow.run
    async def run(self, params: dict[str, Any]) -> Any:
        return await workflow.execute_activity(
            "say_hello", params["name"], schedule_to_close_timeout=seconds(60)
        )


@workflow.defn(name="BackgroundCheck", sandboxed=False)
class BackgroundCheck:
    @workflow.run
    async def run(self, number: str) -> Any:
        return await workflow.execute_activity(
            "ssn_trace_activity", number, schedule_to_close_timeout=seconds(5)
        )


@workflow.defn(name="MoneyTransferWorkflow", sandboxed=False)
class MoneyTransfer:
    def __init__(self) -> None:
        self.approved = False

    @workflow.run
    async def run(self, order: dict[str, Any]) -> str:
        for name, account in (("withdraw", "from_account"), ("deposit", "to_account")):
            await workflow.execute_activity(
                name, args=[order[account], order["amount"]], start_to_close_timeout=seconds(5)
            )
            await workflow.wait_condition(lambda: self.approved)
        return "Transfer completed successfully"

    @workflow.signal
    def approve(self, approved: bool) -> None:
        self.approved = approved


@workflow.defn(name="LoanProcessingWorkflow", sandboxed=False)
class LoanProcessing:
    @workflow.run
    async def run(self, loan: dict[str, Any]) -> str:
        await workflow.execute_activity("send_thank_you_to_customer", loan, start_to_close_timeout=seconds(5))
        for period in range(1, loan["number_of_periods"] + 1):
            charge = {key: loan[key] for key in ("amount", "customer_id", "number_of_periods")}
            await workflow.execute_activity(
                "charge_customer", {**charge, "period_number": period}, start_to_close_timeout=seconds(5)
            )
            await workflow.sleep(3)
        total = loan["amount"] * loan["number_of_periods"]
        return f"Loan for customer {loan['customer_id']} has been full paid(total={total})"


OLD = {
    "sdk-python--test_replayer_complete_history.json": SayHello,
    "documentation-samples-python--backgroundcheck_workflow_history.json": BackgroundCheck,
    "temporal-sa+temporal-training-exercise-python--workflow_history_v1.json": MoneyTransfer,
    "edu-versioning-python-code--history_for_original_execution.json": LoanProcessing,
    "edu-102-python-code-old--history_for_original_execution.json": LoanProcessing,
}


@pytest.mark.parametrize("file", OLD)
def test_an_old_history_under_the_same_code(file: str) -> None:
    path = Path(CORPUS, file)
    if not path.is_file():
        pytest.skip("../shared/histories is not here")
    verdict = judge(read_history(path), OLD[file])
    assert verdict.drifts == ()
    assert verdict.outcome is Outcome.CONSISTENT
