"""The two timeouts of a workflow: of one run, and of the whole execution."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup


@activity.defn
async def send_invitation(guest: str) -> str:
    return f"invited {guest}"


@workflow.defn
class InvitationWorkflow:
    """Waits for an answer that never comes."""

    def __init__(self) -> None:
        self._answered = False

    @workflow.run
    async def run(self, guest: str) -> str:
        invitation = await workflow.execute_activity(
            send_invitation, guest, start_to_close_timeout=timedelta(seconds=10)
        )
        await workflow.wait_condition(lambda: self._answered)
        return invitation

    @workflow.signal
    def answer(self) -> None:
        self._answered = True


_WORKER = WorkerSetup(
    task_queue="gallery-workflow-timeouts", workflows=(InvitationWorkflow,), activities=(send_invitation,)
)

SCENARIOS = tuple(
    Scenario(
        name=f"workflow-{kind}-timeout",
        workflow=InvitationWorkflow,
        args=("Ada",),
        start={f"{kind}_timeout": timedelta(seconds=2)},
        status="TIMED_OUT",
        shows=("WORKFLOW_EXECUTION_TIMED_OUT",),
        workers=(_WORKER,),
    )
    for kind in ("execution", "run")
)
