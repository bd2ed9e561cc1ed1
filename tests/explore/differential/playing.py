"""Performs a plan on a real service: does to a run what its steps describe, at their times."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from temporalio.api.command.v1 import (
    CancelWorkflowExecutionCommandAttributes,
    Command,
    CompleteWorkflowExecutionCommandAttributes,
    FailWorkflowExecutionCommandAttributes,
)
from temporalio.api.common.v1 import Callback, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import (
    CommandType,
    PendingActivityState,
    PendingWorkflowTaskState,
    UpdateWorkflowExecutionLifecycleStage,
)
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.nexus.v1 import (
    CancelOperationResponse,
    Response,
    StartOperationResponse,
)
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.update.v1 import UpdateRef, WaitPolicy
from temporalio.api.workflowservice.v1 import (
    PollActivityTaskQueueRequest,
    PollNexusTaskQueueRequest,
    PollNexusTaskQueueResponse,
    PollWorkflowExecutionUpdateRequest,
    PollWorkflowTaskQueueRequest,
    RecordActivityTaskHeartbeatRequest,
    RespondActivityTaskCanceledRequest,
    RespondActivityTaskCompletedRequest,
    RespondActivityTaskFailedRequest,
    RespondNexusTaskCompletedRequest,
    RespondWorkflowTaskCompletedRequest,
    StartWorkflowExecutionRequest,
)
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateStage
from temporalio.service import RPCError

from replaykit.explore.scenario import Step, StepKind, Subject, Target, Timeout
from replaykit.history import event_name
from replaykit.history.events import close_status
from tests.explore.differential.planning import Plan, attributes_of
from tests.explore.differential.steering import IDENTITY, Steered, child_queue, foreign_queue, steered

__all__ = ["NEXUS_QUEUE", "Played", "Stuck", "play"]

_K = StepKind
_WAIT_S = 20.0
_LOOK_S = 0.04
_POLL_S = 70
"""A little longer than a service lets a worker wait for a task."""
NEXUS_QUEUE = "gallery-nexus"
"""Serves the gallery's endpoint."""


class Stuck(Exception):
    """What the plan expects did not come."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """What a real run left."""

    events: Sequence[HistoryEvent]
    stuck: str = ""
    """At which step it could not go on; empty where it came to the end of the plan."""


async def play(client: Client, plan: Plan, workflow: type) -> Played:
    """Perform a plan.

    Args:
        client: Of the service.
        plan: What happens.
        workflow: Whose code a worker runs.
    """
    async with steered(client, plan, workflow) as own:
        opening = plan.opening
        handle = await client.start_workflow(
            opening.workflow_type,
            args=list(opening.values),
            id=opening.workflow_id,
            task_queue=opening.task_queue,
            run_timeout=opening.run_timeout,
            execution_timeout=opening.execution_timeout,
        )
        play = _Play(client, plan, own, handle)
        stuck = ""
        try:
            await play.perform()
        except Exception as error:  # whatever it is, it is about this run, and the others go on
            stuck = f"{play.at}: {type(error).__name__} {error}"
        events = await play.events()
        await play.leave()
        return Played(events=events, stuck=stuck)


class _Play:
    """One run under way."""

    def __init__(self, client: Client, plan: Plan, own: Steered, handle: WorkflowHandle[Any, Any]) -> None:
        self.at = "the start"
        self._client = client
        self._service = client.workflow_service
        self._namespace = client.namespace
        self._plan = plan
        self._own = own
        self._handle = client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
        self._tokens: dict[int, bytes] = {}
        """By scheduled event, of activities that a worker has."""
        self._nexus: dict[int, PollNexusTaskQueueResponse] = {}
        self._children: dict[int, bytes] = {}
        self._calls: list[asyncio.Task[Any]] = []
        self._updates = 0
        self._asks_update = False
        """Whether an update waits for a task, which leaves no event where it is refused."""
        self._made: list[str] = []
        """Other workflows that were started for it."""
        self._cancels_answered: set[int] = set()

    async def events(self) -> Sequence[HistoryEvent]:
        return (await self._handle.fetch_history()).events

    async def perform(self) -> None:
        """All steps, and the workflow tasks between them."""
        for number, step in enumerate(self._plan.steps, start=1):
            self.at = f"step {number}, {step}"
            if not step.together:
                await self._tasks(self._plan.tasks_before(step))
            if step.kind is _K.UPDATE:
                await self._until_due(self._plan.steps[number:])
            await self._step(step)
        self.at = "the end"
        if self._plan.grown.failure is None:
            await self._tasks(self._plan.tasks_up_to(len(self._plan.events) + 1))
            await self._quiet()

    async def _until_due(self, following: Sequence[Step]) -> None:
        """A timer that fires with an update's task is near its end before the update comes.

        A task that is there for an update alone waits for a worker for five seconds, then times out.
        """
        joining = itertools.takewhile(lambda step: step.together, following)
        fires = [step.target for step in joining if step.kind is _K.FIRES and step.target is not None]
        for target in fires:
            started = (await self.events())[self._event_of(target) - 1]
            length = attributes_of(started).start_to_fire_timeout.ToTimedelta()
            due = started.event_time.ToDatetime(timezone.utc) + length
            left = (due - datetime.now(timezone.utc)).total_seconds()
            await asyncio.sleep(max(0.0, left - 1.0))

    async def leave(self) -> None:
        """End what goes on."""
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        for workflow_id in (self._handle.id, *self._made):
            with contextlib.suppress(RPCError):
                await self._client.get_workflow_handle(workflow_id).terminate()

    # The workflow's own tasks

    async def _tasks(self, most: int | None) -> None:
        """Let the worker do what there is to do.

        Args:
            most: How many tasks may have been completed then: the next thing happens by itself, and may have
                happened already. None for no such limit.
        """
        while most is None or self._asks_update or await self._count("WorkflowTaskCompleted") < most:
            description = await self._handle.describe()
            is_open = description.close_time is None
            if not is_open or not description.raw_description.HasField("pending_workflow_task"):
                return
            pending = description.raw_description.pending_workflow_task
            if pending.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED:
                await asyncio.sleep(_LOOK_S)  # the worker's answer is on its way
                continue
            await self._prepare()
            self._asks_update = False
            await self._own.task()
            await self._cancel_nexus()

    async def _quiet(self) -> None:
        """Until the history is as long as the plan's, if it ever is."""
        with contextlib.suppress(Stuck):
            await self._until(lambda events: len(events) >= len(self._plan.events), timeout_s=1.0)

    async def _until(
        self, holds: Callable[[Sequence[HistoryEvent]], object], *, timeout_s: float | None = None
    ) -> None:
        limit = asyncio.get_running_loop().time() + (timeout_s or _WAIT_S * self._plan.pace)
        while asyncio.get_running_loop().time() < limit:
            events = await self.events()
            if holds(events):
                return
            if close_status(events[-1]) is not None and timeout_s is None:
                raise Stuck(f"the run is over: {event_name(events[-1])}")
            await asyncio.sleep(_LOOK_S * self._plan.pace)
        raise Stuck("nothing came")

    async def _until_event(self, name: str, **links: int) -> None:
        """Until an event of that type with these attributes is written."""
        await self._until(
            lambda events: any(
                event_name(event) == name
                and all(getattr(attributes_of(event), key) == value for key, value in links.items())
                for event in events
            )
        )

    async def _prepare(self) -> None:
        """See to it that what the next task asks for of other workflows meets the fate that it should."""
        events = await self.events()
        done = sum(event_name(event) == "WorkflowTaskCompleted" for event in events)
        completed = [e for e in self._plan.events if event_name(e) == "WorkflowTaskCompleted"]
        if done >= len(completed):
            return
        for event in self._plan.events:
            attributes = attributes_of(event)
            if getattr(attributes, "workflow_task_completed_event_id", 0) != completed[done].event_id:
                continue
            end = self._plan.end_of(event.event_id)
            name = event_name(event)
            if end is None:
                continue
            if name == "StartChildWorkflowExecutionInitiated":
                if event_name(end) == "StartChildWorkflowExecutionFailed":
                    await self._ensure(self._real(attributes.workflow_id))
            elif name in (
                "SignalExternalWorkflowExecutionInitiated",
                "RequestCancelExternalWorkflowExecutionInitiated",
            ):
                if attributes.child_workflow_only:
                    continue
                other = attributes.workflow_execution.workflow_id
                if event_name(end).startswith("External"):
                    await self._ensure(other)
                else:
                    await self._ensure_none(other)

    def _real(self, workflow_id: str) -> str:
        """A workflow id that may be made of the run's own id, which is another one here."""
        return workflow_id.replace(self._plan.grown.history.run_id or "-", self._handle.run_id or "")

    async def _ensure(self, workflow_id: str) -> None:
        with contextlib.suppress(RPCError):
            description = await self._client.get_workflow_handle(workflow_id).describe()
            if description.close_time is None:
                return
        self._made.append(workflow_id)
        await self._client.start_workflow(
            "Other", id=workflow_id, task_queue=f"{self._plan.opening.task_queue}/others"
        )

    async def _ensure_none(self, workflow_id: str) -> None:
        with contextlib.suppress(RPCError):
            await self._client.get_workflow_handle(workflow_id).terminate()

    # Steps

    async def _step(self, step: Step) -> None:
        if step.target is None:
            await _FROM_OUTSIDE[step.kind](self, step)
        else:
            await _ABOUT[step.target.subject](self, step, step.target)

    def _event_of(self, target: Target) -> int:
        return self._plan.opened[target]

    # Activities

    async def activity(self, step: Step, target: Target) -> None:
        scheduled = self._event_of(target)
        if step.kind is _K.TIMES_OUT:
            await self._activity_times_out(step, scheduled)
            return
        token = await self._activity_token(scheduled)
        who: Any = {"namespace": self._namespace, "identity": IDENTITY, "task_token": token}
        if step.kind is _K.STARTS:
            return
        if step.kind is _K.HEARTBEATS:
            details = self._plan.encoder.payloads(step.values)
            await self._service.record_activity_task_heartbeat(
                RecordActivityTaskHeartbeatRequest(details=details, **who)
            )
            return
        del self._tokens[scheduled]
        if step.kind is _K.COMPLETES:
            result = self._plan.encoder.payloads(step.values) if step.values else None
            await self._service.respond_activity_task_completed(
                RespondActivityTaskCompletedRequest(result=result, **who)
            )
            await self._until_event("ActivityTaskCompleted", scheduled_event_id=scheduled)
        elif step.kind is _K.CANCELLED:
            await self._service.respond_activity_task_canceled(RespondActivityTaskCanceledRequest(**who))
            await self._until_event("ActivityTaskCanceled", scheduled_event_id=scheduled)
        else:
            failure = self._plan.encoder.failure(step.failure)
            await self._service.respond_activity_task_failed(
                RespondActivityTaskFailedRequest(failure=failure, **who)
            )

    async def _activity_times_out(self, step: Step, scheduled: int) -> None:
        if step.timeout in (Timeout.START_TO_CLOSE, Timeout.HEARTBEAT):
            token = await self._activity_token(scheduled)
            del self._tokens[scheduled]
            assert token
        end = self._plan.end_of(scheduled)
        if end is None or event_name(end) != "ActivityTaskTimedOut" or not self._is_last(step):
            await self._until_tried_again(attributes_of(self._plan.events[scheduled - 1]).activity_id)
            return
        await self._until_event("ActivityTaskTimedOut", scheduled_event_id=scheduled)

    async def _until_tried_again(self, activity_id: str) -> None:
        """Until no worker has the activity: it waits for its next attempt."""
        for _ in range(int(_WAIT_S / _LOOK_S)):
            description = (await self._handle.describe()).raw_description
            pending = [a for a in description.pending_activities if a.activity_id == activity_id]
            if not pending or pending[0].state != PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
                return
            await asyncio.sleep(_LOOK_S * self._plan.pace)
        raise Stuck("the activity did not time out")

    def _is_last(self, step: Step) -> bool:
        own = [each for each in self._plan.steps if each.target == step.target]
        return own[-1] is step

    async def _activity_token(self, scheduled: int) -> bytes:
        event = self._plan.events[scheduled - 1]
        own = self._plan.opening.task_queue
        queue = foreign_queue(own, attributes_of(event).task_queue.name)
        while scheduled not in self._tokens:
            task = await self._service.poll_activity_task_queue(
                PollActivityTaskQueueRequest(
                    namespace=self._namespace, identity=IDENTITY, task_queue=TaskQueue(name=queue)
                ),
                timeout=timedelta(seconds=_POLL_S),
            )
            if not task.task_token:
                raise Stuck("no activity task came")
            self._tokens[await self._scheduled_id(task.activity_id)] = task.task_token
        return self._tokens[scheduled]

    async def _scheduled_id(self, activity_id: str) -> int:
        for event in reversed(await self.events()):
            attributes = attributes_of(event)
            if event_name(event) == "ActivityTaskScheduled" and attributes.activity_id == activity_id:
                return event.event_id
        raise Stuck(f"an activity task {activity_id} that was never scheduled")

    # Timers

    async def timer(self, step: Step, target: Target) -> None:
        await self._until_event("TimerFired", started_event_id=self._event_of(target))

    # Children

    async def child(self, step: Step, target: Target) -> None:
        initiated = self._event_of(target)
        if step.kind is _K.BEGINS:
            await self._until_event("ChildWorkflowExecutionStarted", initiated_event_id=initiated)
            return
        if step.kind is _K.NOT_STARTED:
            await self._until_event("StartChildWorkflowExecutionFailed", initiated_event_id=initiated)
            return
        if step.kind is _K.TERMINATED:
            attributes = attributes_of(self._plan.events[initiated - 1])
            await self._client.get_workflow_handle(self._real(attributes.workflow_id)).terminate()
        elif step.kind is not _K.TIMES_OUT:
            seq = self._plan.seqs[initiated]
            await self._end_other(child_queue(self._plan.opening.task_queue, seq), step)
        end = {
            _K.COMPLETES: "Completed",
            _K.FAILS: "Failed",
            _K.CANCELLED: "Canceled",
            _K.TERMINATED: "Terminated",
            _K.TIMES_OUT: "TimedOut",
        }[step.kind]
        await self._until_event(f"ChildWorkflowExecution{end}", initiated_event_id=initiated)

    async def _end_other(self, queue: str, step: Step) -> None:
        """Answer the one workflow task of another workflow: it ends as in the step."""
        task = await self._service.poll_workflow_task_queue(
            PollWorkflowTaskQueueRequest(
                namespace=self._namespace, identity=IDENTITY, task_queue=TaskQueue(name=queue)
            ),
            timeout=timedelta(seconds=_POLL_S),
        )
        if not task.task_token:
            raise Stuck(f"no workflow task came on {queue}")
        command = Command()
        if step.kind is _K.COMPLETES:
            command.command_type = CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION
            result = self._plan.encoder.payloads(step.values) if step.values else None
            command.complete_workflow_execution_command_attributes.CopyFrom(
                CompleteWorkflowExecutionCommandAttributes(result=result)
            )
        elif step.kind is _K.FAILS:
            command.command_type = CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION
            command.fail_workflow_execution_command_attributes.CopyFrom(
                FailWorkflowExecutionCommandAttributes(failure=self._plan.encoder.failure(step.failure))
            )
        else:
            command.command_type = CommandType.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION
            command.cancel_workflow_execution_command_attributes.CopyFrom(
                CancelWorkflowExecutionCommandAttributes()
            )
        await self._service.respond_workflow_task_completed(
            RespondWorkflowTaskCompletedRequest(
                namespace=self._namespace,
                identity=IDENTITY,
                task_token=task.task_token,
                commands=[command],
            )
        )

    # Messages to other workflows

    async def message(self, step: Step, target: Target) -> None:
        """`_prepare` has seen to its fate; it comes by itself."""
        initiated = self._event_of(target)
        delivered = step.kind is _K.DELIVERED
        if target.subject is Subject.SIGNAL:
            name = (
                "ExternalWorkflowExecutionSignaled" if delivered else "SignalExternalWorkflowExecutionFailed"
            )
        else:
            name = (
                "ExternalWorkflowExecutionCancelRequested"
                if delivered
                else "RequestCancelExternalWorkflowExecutionFailed"
            )
        await self._until_event(name, initiated_event_id=initiated)

    # Nexus operations

    async def nexus(self, step: Step, target: Target) -> None:
        scheduled = self._event_of(target)
        if step.kind is _K.TIMES_OUT:
            await self._until_event("NexusOperationTimedOut", scheduled_event_id=scheduled)
            return
        queue = f"{self._plan.opening.task_queue}/operation-{scheduled}"
        if scheduled in self._nexus:
            await self._end_other(queue, step)
        else:
            await self._answer_nexus(step, scheduled, queue)
        name = {
            _K.BEGINS: "NexusOperationStarted",
            _K.COMPLETES: "NexusOperationCompleted",
            _K.FAILS: "NexusOperationFailed",
            _K.CANCELLED: "NexusOperationCanceled",
        }[step.kind]
        await self._until_event(name, scheduled_event_id=scheduled)
        if step.kind is _K.BEGINS:
            await self._cancel_nexus()

    async def _answer_nexus(self, step: Step, scheduled: int, queue: str) -> None:
        asked = attributes_of(self._plan.events[scheduled - 1]).operation
        task = await self._nexus_task(lambda request: request.start_operation.operation == asked)
        response = StartOperationResponse()
        if step.kind is _K.BEGINS:
            self._nexus[scheduled] = task
            await self._start_operation(task, queue)
            response.async_success.operation_token = queue
            response.async_success.operation_id = queue
        elif step.kind is _K.COMPLETES:
            response.sync_success.SetInParent()
            if step.values:
                response.sync_success.payload.CopyFrom(self._plan.encoder.payload(step.values[0]))
        else:
            response.failure.CopyFrom(self._plan.encoder.failure(step.failure))
        await self._respond_nexus(task, Response(start_operation=response))

    async def _start_operation(self, task: PollNexusTaskQueueResponse, queue: str) -> None:
        """A workflow whose end the service reports to its caller, as the SDK's handlers start it."""
        start = task.request.start_operation
        self._made.append(queue)
        await self._service.start_workflow_execution(
            StartWorkflowExecutionRequest(
                namespace=self._namespace,
                workflow_id=queue,
                workflow_type=WorkflowType(name="Operation"),
                task_queue=TaskQueue(name=queue),
                identity=IDENTITY,
                request_id=start.request_id,
                completion_callbacks=[
                    Callback(nexus=Callback.Nexus(url=start.callback, header=dict(start.callback_header)))
                ],
            )
        )

    async def _nexus_task(self, fits: Callable[[Any], bool]) -> PollNexusTaskQueueResponse:
        while True:
            task = await self._service.poll_nexus_task_queue(
                PollNexusTaskQueueRequest(
                    namespace=self._namespace, identity=IDENTITY, task_queue=TaskQueue(name=NEXUS_QUEUE)
                ),
                timeout=timedelta(seconds=_POLL_S),
            )
            if not task.task_token:
                raise Stuck("no Nexus task came")
            if fits(task.request) and self._is_own(task):
                return task

    def _is_own(self, task: PollNexusTaskQueueResponse) -> bool:
        """Whether it is of this run: an earlier one may have left a task there."""
        own = self._plan.opening.workflow_id
        start = task.request.start_operation
        links = " ".join(link.url for link in start.links)
        return own in links or own in task.request.cancel_operation.operation_token

    async def _respond_nexus(self, task: PollNexusTaskQueueResponse, response: Response) -> None:
        await self._service.respond_nexus_task_completed(
            RespondNexusTaskCompletedRequest(
                namespace=self._namespace, identity=IDENTITY, task_token=task.task_token, response=response
            )
        )

    async def _cancel_nexus(self) -> None:
        """A handler that is asked to cancel confirms it, at once."""
        for event in await self.events():
            if event_name(event) != "NexusOperationCancelRequested":
                continue
            if event.event_id in self._cancels_answered:
                continue
            attributes = attributes_of(event)
            if attributes.scheduled_event_id not in self._nexus:
                continue
            self._cancels_answered.add(event.event_id)
            task = await self._nexus_task(lambda request: request.HasField("cancel_operation"))
            await self._respond_nexus(task, Response(cancel_operation=CancelOperationResponse()))
            await self._until_event("NexusOperationCancelRequestCompleted", requested_event_id=event.event_id)

    # From outside

    async def signal(self, step: Step) -> None:
        before = await self._count("WorkflowExecutionSignaled")
        await self._handle.signal(step.name, args=list(step.values))
        await self._until(lambda events: _count(events, "WorkflowExecutionSignaled") > before)

    async def update(self, step: Step) -> None:
        self._updates += 1
        self._asks_update = True
        update_id = f"update-{self._updates}"
        self._call(
            self._handle.start_update(
                step.name, args=list(step.values), id=update_id, wait_for_stage=WorkflowUpdateStage.ACCEPTED
            )
        )
        execution = WorkflowExecution(workflow_id=self._handle.id, run_id=self._handle.run_id or "")
        admitted = UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED
        request = PollWorkflowExecutionUpdateRequest(
            namespace=self._namespace,
            identity=IDENTITY,
            update_ref=UpdateRef(workflow_execution=execution, update_id=update_id),
            wait_policy=WaitPolicy(lifecycle_stage=admitted),
        )
        for _ in range(200):
            with contextlib.suppress(RPCError):
                await self._service.poll_workflow_execution_update(request)
                return
            await asyncio.sleep(_LOOK_S)
        raise Stuck("the update was not admitted")

    async def query(self, step: Step) -> None:
        """Answered beside the workflow task that waits, or by itself."""
        description = await self._handle.describe()
        call = self._call(self._handle.query(step.name, args=list(step.values)))
        await asyncio.sleep(2 * _LOOK_S * self._plan.pace)
        if not description.raw_description.HasField("pending_workflow_task"):
            await self._own.task()
            await asyncio.gather(call, return_exceptions=True)

    async def cancel(self, step: Step) -> None:
        await self._handle.cancel()
        await self._until_event("WorkflowExecutionCancelRequested")

    async def task_fails(self, step: Step) -> None:
        before = await self._count("WorkflowTaskFailed")
        self._own.fails_next = True
        await self._own.task()
        await self._until(
            lambda events: _count(events, "WorkflowTaskFailed") > before, timeout_s=_LOOK_S * 20
        )

    async def task_times_out(self, step: Step) -> None:
        """The worker that takes the task is never heard of again."""
        task = await self._service.poll_workflow_task_queue(
            PollWorkflowTaskQueueRequest(
                namespace=self._namespace,
                identity=IDENTITY,
                task_queue=TaskQueue(name=self._plan.opening.task_queue),
            ),
            timeout=timedelta(seconds=_POLL_S),
        )
        attempt = task.attempt
        for _ in range(600):
            await asyncio.sleep(0.1)
            pending = (await self._handle.describe()).raw_description.pending_workflow_task
            if pending.attempt != attempt or not pending.HasField("started_time"):
                return
        raise Stuck("the workflow task did not time out")

    async def run_times_out(self, step: Step) -> None:
        await self._until_closed()

    async def run_terminated(self, step: Step) -> None:
        await self._handle.terminate(reason="explored")
        await self._until_closed()

    async def _until_closed(self) -> None:
        await self._until(lambda events: close_status(events[-1]) is not None)

    async def _count(self, name: str) -> int:
        return _count(await self.events(), name)

    def _call(self, call: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(call)
        self._calls.append(task)
        return task


def _count(events: Sequence[HistoryEvent], name: str) -> int:
    return sum(event_name(event) == name for event in events)


_ABOUT: Mapping[Subject, Callable[[_Play, Step, Target], Awaitable[None]]] = {
    Subject.ACTIVITY: _Play.activity,
    Subject.TIMER: _Play.timer,
    Subject.CHILD: _Play.child,
    Subject.SIGNAL: _Play.message,
    Subject.CANCEL: _Play.message,
    Subject.NEXUS: _Play.nexus,
}
_FROM_OUTSIDE: Mapping[StepKind, Callable[[_Play, Step], Awaitable[None]]] = {
    _K.SIGNAL: _Play.signal,
    _K.UPDATE: _Play.update,
    _K.QUERY: _Play.query,
    _K.CANCEL: _Play.cancel,
    _K.TASK_FAILS: _Play.task_fails,
    _K.TASK_TIMES_OUT: _Play.task_times_out,
    _K.RUN_TIMES_OUT: _Play.run_times_out,
    _K.RUN_TERMINATED: _Play.run_terminated,
}
