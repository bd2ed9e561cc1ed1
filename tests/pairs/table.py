"""All pairs. The expectations were written from what a person needs to know, not from what a run printed."""

from __future__ import annotations

from replaykit.verdict import SuggestionKind
from tests.pairs.pair import Pair, Plain, green, red

__all__ = ["PAIRS"]

_PATCH = SuggestionKind.PATCH
_REORDERED = SuggestionKind.REORDERED
_KEEP = SuggestionKind.KEEP_DEPRECATE_PATCH
_REMOVED = SuggestionKind.REMOVED_TOO_EARLY
_DEPRECATED = SuggestionKind.DEPRECATED_TOO_EARLY
_HANDLER = SuggestionKind.KEEP_HANDLER

_RESERVE = "ActivityTaskScheduled reserve"
_CHARGE = "ActivityTaskScheduled charge"
_SHIP = "ActivityTaskScheduled ship"
_COMPLETED = "WorkflowExecutionCompleted"

_ACTIVITIES = (
    red("activities.AddedFirst", 5, _RESERVE, "ScheduleActivity validate", _PATCH, plain=Plain.SIDES),
    red("activities.AddedMiddle", 11, _CHARGE, "ScheduleActivity validate", _PATCH, plain=Plain.SIDES),
    red("activities.AddedLast", 23, _COMPLETED, "ScheduleActivity thank", _PATCH, plain=Plain.BOTH),
    red("activities.RemovedFirst", 5, _RESERVE, "ScheduleActivity charge", _PATCH, plain=Plain.SIDES),
    red("activities.RemovedMiddle", 11, _CHARGE, "ScheduleActivity ship", _PATCH, plain=Plain.SIDES),
    red("activities.RemovedLast", 17, _SHIP, "CompleteWorkflow", _PATCH, plain=Plain.BOTH),
    red("activities.RemovedAll", 5, _RESERVE, "CompleteWorkflow", _PATCH, plain=Plain.BOTH),
    red("activities.Renamed", 11, _CHARGE, "ScheduleActivity charge_card", _PATCH, plain=Plain.SIDES),
    red(
        "activities.OwnActivityId",
        11,
        f"{_CHARGE} (id 2)",
        "ScheduleActivity charge (id c1)",
        _PATCH,
        plain=Plain.SIDES,
    ),
    red("activities.Reordered", 5, _RESERVE, "ScheduleActivity charge", _REORDERED, plain=Plain.SIDES),
    red("activities.ReorderedLast", 11, _CHARGE, "ScheduleActivity ship", _REORDERED, plain=Plain.SIDES),
    red("activities.KindTimer", 11, _CHARGE, "StartTimer 30 s", _PATCH, plain=Plain.BOTH),
    red("activities.KindChild", 11, _CHARGE, "StartChildWorkflow Charge", _PATCH, plain=Plain.BOTH),
    red(
        "activities.KindLocalActivity", 11, _CHARGE, "ScheduleLocalActivity charge", _PATCH, plain=Plain.EVENT
    ),
    red("activities.KindSignal", 11, _CHARGE, "SignalExternalWorkflow charge", _PATCH, plain=Plain.BOTH),
    red("activities.FailsEarly", 11, _CHARGE, "FailWorkflow out of stock", _PATCH, plain=Plain.BOTH),
    red("activities.CompletesEarly", 11, _CHARGE, "CompleteWorkflow", _PATCH, plain=Plain.BOTH),
    red("activities.ContinuesEarly", 11, _CHARGE, "ContinueAsNewWorkflow", _PATCH, plain=Plain.BOTH),
    red("activities.WaitsForever", 11, _CHARGE, None, _PATCH, plain=Plain.EVENT),
    red(
        "activities.AddedWhereEverythingFails",
        5,
        _RESERVE,
        "ScheduleActivity validate",
        _PATCH,
        plain=Plain.HANGS,
    ),
)

_PLACED = (
    *(
        red(f"placed.{name}", 11, _CHARGE, "ScheduleActivity audit", _PATCH, plain=Plain.SIDES)
        for name in (
            "InHelper",
            "InHelperOfHelper",
            "InOtherModule",
            "InGenerator",
            "InTask",
            "InBareTask",
            "InStartedHandle",
            "InGather",
            "InBareGather",
            "InWait",
            "InExcept",
            "InAsyncWith",
            "InLoop",
            "InInherited",
        )
    ),
    red("placed.InFinally", 17, _SHIP, "ScheduleActivity audit", _PATCH, plain=Plain.SIDES),
)

_LABEL = "ActivityTaskScheduled label_slowly"

_GATHERED = (
    red(
        "gathered.Reordered",
        5,
        "ActivityTaskScheduled pack",
        "ScheduleActivity label_slowly",
        _REORDERED,
        plain=Plain.SIDES,
    ),
    red("gathered.Added", 17, _COMPLETED, "ScheduleActivity weigh", _PATCH, plain=Plain.BOTH),
    red("gathered.RenamedInCoroutine", 6, _LABEL, "ScheduleActivity print_label", _PATCH, plain=Plain.SIDES),
    red("gathered.Removed", 6, _LABEL, None, _PATCH, plain=Plain.EVENT),
    red("gathered.Sequential", 6, _LABEL, None, _PATCH, plain=Plain.EVENT),
)

_NAP = "TimerStarted 100 ms"
_POLL = "ActivityTaskScheduled poll"

_TIMERS = (
    red("timers.Added", 10, _POLL, "StartTimer 5 s", _PATCH, plain=Plain.BOTH),
    red("timers.AddedLast", 21, _COMPLETED, "StartTimer 5 s", _PATCH, plain=Plain.BOTH),
    red("timers.AddedByTimeout", 10, _POLL, "StartTimer 5 s", _PATCH, plain=Plain.BOTH),
    red("timers.Removed", 5, _NAP, "ScheduleActivity poll", _PATCH, plain=Plain.BOTH),
    red("timers.RemovedLast", 16, "TimerStarted 200 ms", "CompleteWorkflow", _PATCH, plain=Plain.BOTH),
    red("timers.ToNothing", 5, _NAP, "ScheduleActivity poll", _PATCH, plain=Plain.BOTH),
    red("timers.Reordered", 5, _NAP, "ScheduleActivity poll", _REORDERED, plain=Plain.BOTH),
    red("timers.KindActivity", 5, _NAP, "ScheduleActivity pause", _PATCH, plain=Plain.BOTH),
)

_LOOK_UP = "MarkerRecorded local activity look_up"
_COMPUTE = "MarkerRecorded local activity compute"
_STORE = "ActivityTaskScheduled store"

_LOCAL_ACTIVITIES = (
    red("local_activities.Added", 7, _STORE, "ScheduleLocalActivity round_up", _PATCH, plain=Plain.EVENT),
    red("local_activities.Removed", 6, _COMPUTE, "ScheduleActivity store", _PATCH, plain=Plain.RAISES),
    red(
        "local_activities.Renamed", 6, _COMPUTE, "ScheduleLocalActivity calculate", _PATCH, plain=Plain.SIDES
    ),
    red(
        "local_activities.Reordered",
        5,
        _LOOK_UP,
        "ScheduleLocalActivity compute",
        _REORDERED,
        plain=Plain.SIDES,
    ),
    red("local_activities.KindActivity", 6, _COMPUTE, "ScheduleActivity compute", _PATCH, plain=Plain.RAISES),
    red("local_activities.KindTimer", 6, _COMPUTE, "StartTimer 1 s", _PATCH, plain=Plain.RAISES),
)

_LETTER = "StartChildWorkflowExecutionInitiated Letter (pairs-letter)"
_POST = "ActivityTaskScheduled post"

_CHILDREN = (
    red("children.Added", 14, _POST, "StartChildWorkflow Stamp", _PATCH, plain=Plain.BOTH),
    red("children.Removed", 5, _LETTER, "ScheduleActivity post", _PATCH, plain=Plain.BOTH),
    red("children.Renamed", 5, _LETTER, "StartChildWorkflow Postcard", _PATCH, plain=Plain.SIDES),
    red(
        "children.OtherId",
        5,
        "StartChildWorkflowExecutionInitiated Letter (id pairs-letter)",
        "StartChildWorkflow Letter (id pairs-letter-1)",
        _PATCH,
        plain=Plain.SIDES,
    ),
    red("children.Reordered", 5, _LETTER, "ScheduleActivity post", _REORDERED, plain=Plain.BOTH),
    red("children.KindActivity", 5, _LETTER, "ScheduleActivity write", _PATCH, plain=Plain.BOTH),
)

_SIGNAL = "SignalExternalWorkflowExecutionInitiated nudge to pairs-neighbour"
_CANCEL = "RequestCancelExternalWorkflowExecutionInitiated pairs-neighbour"
_NOTE = "ActivityTaskScheduled note"
_DO_CANCEL = "RequestCancelExternalWorkflow pairs-neighbour"

_EXTERNALS = (
    red("externals.SignalAdded", 10, _CANCEL, "SignalExternalWorkflow again", _PATCH, plain=Plain.BOTH),
    red("externals.SignalRemoved", 5, _SIGNAL, _DO_CANCEL, _PATCH, plain=Plain.BOTH),
    red("externals.SignalToActivity", 5, _SIGNAL, "ScheduleActivity nudge", _PATCH, plain=Plain.BOTH),
    red("externals.CancelAdded", 15, _NOTE, _DO_CANCEL, _PATCH, plain=Plain.BOTH),
    red("externals.CancelRemoved", 10, _CANCEL, "ScheduleActivity note", _PATCH, plain=Plain.BOTH),
    red("externals.Reordered", 5, _SIGNAL, _DO_CANCEL, _REORDERED, plain=Plain.BOTH),
)

_UPSERT = "UpsertWorkflowSearchAttributes PairsStage"
_MEMO = "WorkflowPropertiesModified note"
_INDEX = "ActivityTaskScheduled index"

_ATTRIBUTES = (
    red(
        "attributes.AttributesAdded", 7, _INDEX, "UpsertSearchAttributes PairsStage", _PATCH, plain=Plain.BOTH
    ),
    red(
        "attributes.AttributesRemoved", 5, _UPSERT, "ModifyWorkflowProperties note", _PATCH, plain=Plain.BOTH
    ),
    red("attributes.MemoAdded", 13, _COMPLETED, "ModifyWorkflowProperties note", _PATCH, plain=Plain.BOTH),
    red("attributes.MemoRemoved", 6, _MEMO, "ScheduleActivity index", _PATCH, plain=Plain.BOTH),
    red("attributes.Reordered", 5, _UPSERT, "ModifyWorkflowProperties note", _REORDERED, plain=Plain.BOTH),
    red("attributes.MemoToActivity", 6, _MEMO, "ScheduleActivity annotate", _PATCH, plain=Plain.BOTH),
)

_PRICE = "NexusOperationScheduled Shop.price"

_NEXUS = (
    red("nexus.Added", 10, _NOTE, "ScheduleNexusOperation Shop.order", _PATCH, plain=Plain.BOTH),
    red("nexus.Removed", 5, _PRICE, "ScheduleActivity note", _PATCH, plain=Plain.BOTH),
    red(
        "nexus.OperationRenamed",
        5,
        _PRICE,
        "ScheduleNexusOperation Shop.quote",
        _PATCH,
        plain=Plain.SIDES,
        newer_core=True,
    ),
    red(
        "nexus.ServiceRenamed",
        5,
        _PRICE,
        "ScheduleNexusOperation Store.price",
        _PATCH,
        plain=Plain.SIDES,
        newer_core=True,
    ),
    red("nexus.Reordered", 5, _PRICE, "ScheduleActivity note", _REORDERED, plain=Plain.BOTH),
    red("nexus.KindActivity", 5, _PRICE, "ScheduleActivity price", _PATCH, plain=Plain.BOTH),
)

_AFTER = "ActivityTaskScheduled after"
_DO_AFTER = "ScheduleActivity after"
_CANCEL_CHILD = "RequestCancelExternalWorkflowExecutionInitiated pairs-cancelled-child"

_CANCELLATIONS = (
    red("cancellations.TimerNoLonger", 12, "TimerCanceled 1", _DO_AFTER, _PATCH, plain=Plain.BOTH),
    red("cancellations.TimerLater", 12, "TimerCanceled 1", _DO_AFTER, _REORDERED, plain=Plain.BOTH),
    red("cancellations.TimerCancelled", 12, _AFTER, "CancelTimer", _PATCH, plain=Plain.BOTH),
    red(
        "cancellations.ActivityNoLonger",
        11,
        "ActivityTaskCancelRequested of event 5",
        _DO_AFTER,
        _PATCH,
        plain=Plain.EVENT,
    ),
    red("cancellations.ActivityCancelled", 11, _AFTER, "RequestCancelActivity", _PATCH, plain=Plain.EVENT),
    red(
        "cancellations.EitherOther",
        12,
        "ActivityTaskCancelRequested of event 5",
        "RequestCancelActivity of event 6",
        _PATCH,
        plain=Plain.RAISES,
    ),
    red("cancellations.ChildNoLonger", 10, _CANCEL_CHILD, _DO_AFTER, _PATCH, plain=Plain.BOTH),
    red("cancellations.ChildCancelled", 10, _AFTER, "CancelChildWorkflow", _PATCH, plain=Plain.BOTH),
    red(
        "cancellations.NexusNoLonger",
        10,
        "NexusOperationCancelRequested of event 5",
        _DO_AFTER,
        _PATCH,
        plain=Plain.BOTH,
    ),
    red("cancellations.NexusCancelled", 10, _AFTER, "RequestCancelNexusOperation", _PATCH, plain=Plain.BOTH),
)

_RECORD = "ActivityTaskScheduled record"
_ACCEPTED = "WorkflowExecutionUpdateAccepted confirm"
_CHECK = "ActivityTaskScheduled check"

_HANDLERS = (
    red("handlers.SignalAdded", 9, _RECORD, "ScheduleActivity look_up", _PATCH, plain=Plain.SIDES),
    red("handlers.SignalAddedInTask", 9, _RECORD, "ScheduleActivity look_up", _PATCH, plain=Plain.SIDES),
    red("handlers.SignalRenamed", 9, _RECORD, "ScheduleActivity write_down", _PATCH, plain=Plain.SIDES),
    red("handlers.SignalRemoved", 9, _RECORD, None, _PATCH, plain=Plain.EVENT),
    red("handlers.SignalHandlerGone", 9, _RECORD, None, _HANDLER, plain=Plain.EVENT),
    red("handlers.SignalToTimer", 9, _RECORD, "StartTimer 3 s", _PATCH, plain=Plain.BOTH),
    red("handlers.UpdateAdded", 19, _CHECK, "ScheduleActivity ask", _PATCH, plain=Plain.SIDES),
    red("handlers.UpdateRenamed", 19, _CHECK, "ScheduleActivity verify", _PATCH, plain=Plain.SIDES),
    red("handlers.UpdateRemoved", 19, _CHECK, "UpdateResponse completed", _PATCH, plain=Plain.BOTH),
    red("handlers.UpdateWaits", 19, _CHECK, None, _PATCH, plain=Plain.EVENT),
    red("handlers.UpdateRejected", 19, _CHECK, "UpdateResponse rejected", _PATCH, plain=Plain.BOTH),
    red("handlers.UpdateHandlerGone", 18, _ACCEPTED, "UpdateResponse rejected", _HANDLER, plain=Plain.EVENT),
    red(
        "handlers.FinishRemoved",
        26,
        "ActivityTaskScheduled finish",
        "CompleteWorkflow",
        _PATCH,
        plain=Plain.BOTH,
    ),
)

_MARKER = "MarkerRecorded patch tax"
_TAX = "ActivityTaskScheduled tax"
_COUNT = "MarkerRecorded patch count"

_PATCHES = (
    red("patches.DeprecatedTooEarly", 5, _CHARGE, "ScheduleActivity tax", _DEPRECATED, plain=Plain.SIDES),
    red("patches.WrongWayRound", 5, _CHARGE, "ScheduleActivity tax", _PATCH, plain=Plain.SIDES),
    red("patches.GuardsTooLittle", 11, _SHIP, "ScheduleActivity dispatch", _PATCH, plain=Plain.SIDES),
    red("patches.CallRemoved", 5, _MARKER, "ScheduleActivity tax", _KEEP, plain=Plain.RAISES),
    red("patches.PathRemoved", 5, _MARKER, "ScheduleActivity charge", _REMOVED, plain=Plain.RAISES),
    red("patches.IdChanged", 5, _MARKER, "ScheduleActivity charge", _REMOVED, plain=Plain.RAISES),
    red("patches.DeprecatedUnderOtherId", 5, _MARKER, "ScheduleActivity tax", _KEEP, plain=Plain.RAISES),
    red("patches.RenamedInPath", 7, _TAX, "ScheduleActivity compute_tax", _PATCH, plain=Plain.SIDES),
    red("patches.MovedBehindAwait", 5, _MARKER, "ScheduleActivity charge", _REORDERED, plain=Plain.RAISES),
    red("patches.MovedBeforeAwait", 11, _MARKER, "ScheduleActivity charge", _REORDERED, plain=Plain.RAISES),
    red("patches.RemovedWithItsPath", 7, _TAX, "ScheduleActivity charge", _PATCH, plain=Plain.SIDES),
    red("patches.FromSecondRound", 5, _COUNT, "ScheduleActivity item", _REORDERED, plain=Plain.RAISES),
    red("patches.OneIdPerRound", 5, _COUNT, "ScheduleActivity item", _REMOVED, plain=Plain.RAISES),
)

_ITEM, _DO_ITEM = "ActivityTaskScheduled item", "ScheduleActivity item"
_NOTIFY, _DO_NOTIFY = "ActivityTaskScheduled notify", "ScheduleActivity notify"


def _moved(new: str, event_id: int, recorded: str, produced: str, *, stopped_at: int, plain: Plain) -> Pair:
    """A pair of which arguments show that the change is at an earlier event than Core's."""
    return red(new, event_id, recorded, produced, _PATCH, plain=plain, stopped_at=stopped_at)


_ROUNDS = (
    _moved("rounds.AddedFirst", 5, f"{_ITEM} (1)", f"{_DO_ITEM} (0)", stopped_at=23, plain=Plain.SIDES),
    _moved(
        "rounds.AddedApart",
        11,
        f"{_ITEM} (2)",
        f'{_DO_ITEM} ("one and a half")',
        stopped_at=23,
        plain=Plain.SIDES,
    ),
    _moved("rounds.AddedTwo", 11, f"{_ITEM} (2)", f"{_DO_ITEM} (10)", stopped_at=23, plain=Plain.SIDES),
    _moved("rounds.AddedAgain", 11, f"{_ITEM} (2)", f"{_DO_ITEM} (1)", stopped_at=23, plain=Plain.SIDES),
    red("rounds.AddedLast", 23, _COMPLETED, _DO_ITEM, _PATCH, plain=Plain.BOTH),
    red("rounds.AddedAmongOthers", 23, _COMPLETED, _DO_ITEM, _PATCH, plain=Plain.BOTH),
    red("rounds.CountedFromTwo", 23, _COMPLETED, "ScheduleActivity count", _PATCH, plain=Plain.BOTH),
    _moved("rounds.RemovedFirst", 5, f"{_ITEM} (1)", f"{_DO_ITEM} (2)", stopped_at=17, plain=Plain.SIDES),
    _moved("rounds.RemovedMiddle", 11, f"{_ITEM} (2)", f"{_DO_ITEM} (3)", stopped_at=17, plain=Plain.SIDES),
    red("rounds.RemovedLast", 17, _ITEM, "CompleteWorkflow", _PATCH, plain=Plain.BOTH),
    _moved(
        "rounds.AddedBeforeItsLike",
        5,
        f'{_NOTIFY} ("begun")',
        f'{_DO_NOTIFY} ("wait")',
        stopped_at=11,
        plain=Plain.SIDES,
    ),
    red("rounds.AddedAmongItsLike", 11, _CHARGE, _DO_NOTIFY, _PATCH, plain=Plain.SIDES),
    red("rounds.MovedAndReworded", 11, _CHARGE, _DO_NOTIFY, _REORDERED, plain=Plain.SIDES),
    red("rounds.MovedToTheFront", 11, _CHARGE, _DO_NOTIFY, _REORDERED, plain=Plain.SIDES),
    red("rounds.RewordedAndAdded", 23, "TimerStarted 100 ms", _DO_NOTIFY, _PATCH, plain=Plain.BOTH),
    _moved(
        "rounds.TimerAdded", 23, "TimerStarted 100 ms", "StartTimer 5 s", stopped_at=33, plain=Plain.SIDES
    ),
    _moved(
        "rounds.TimerRemoved",
        23,
        "TimerStarted 100 ms",
        "StartTimer 200 ms",
        stopped_at=28,
        plain=Plain.SIDES,
    ),
    _moved(
        "rounds.RemovedTogether", 5, f'{_ITEM} ("a")', f'{_DO_ITEM} ("b")', stopped_at=7, plain=Plain.RAISES
    ),
    _moved("rounds.RemovedOfTwo", 5, f'{_ITEM} ("a")', f'{_DO_ITEM} ("b")', stopped_at=6, plain=Plain.RAISES),
    red("rounds.OtherTurns", 29, _COMPLETED, _DO_ITEM, _PATCH, plain=Plain.BOTH),
    _moved(
        "rounds.AddedTogether", 6, f'{_ITEM} ("b")', f'{_DO_ITEM} ("new")', stopped_at=20, plain=Plain.SIDES
    ),
)

_WORK = "ActivityTaskScheduled work"
_CONTINUED = "WorkflowExecutionContinuedAsNew Continues"
_FAILED = "WorkflowExecutionFailed: out of stock"
_CANCELED = "WorkflowExecutionCanceled"

_ENDINGS = (
    red("endings.FinishesByFailing", 11, _COMPLETED, "FailWorkflow nothing done", _PATCH, plain=Plain.BOTH),
    red(
        "endings.FinishesByContinuing",
        11,
        _COMPLETED,
        "ContinueAsNewWorkflow",
        _PATCH,
        plain=Plain.BOTH,
    ),
    red("endings.ContinuesNoLonger", 11, _CONTINUED, "CompleteWorkflow", _PATCH, plain=Plain.BOTH),
    red("endings.ContinuesAfterMore", 11, _CONTINUED, "ScheduleActivity save", _PATCH, plain=Plain.BOTH),
    red("endings.ContinuesAtOnce", 5, _WORK, "ContinueAsNewWorkflow", _PATCH, plain=Plain.BOTH),
    red("endings.FailsNoLonger", 11, _FAILED, "CompleteWorkflow", _PATCH, plain=Plain.BOTH),
    red("endings.FailsAfterRefund", 11, _FAILED, "ScheduleActivity refund", _PATCH, plain=Plain.BOTH),
    red("endings.CancelsNoLonger", 9, _CANCELED, "CompleteWorkflow", _PATCH, plain=Plain.BOTH),
    red("endings.CancelsAfterCleanUp", 9, _CANCELED, "ScheduleActivity clean_up", _PATCH, plain=Plain.BOTH),
    red(
        "endings.WaitsRenamed",
        5,
        "ActivityTaskScheduled prepare",
        "ScheduleActivity get_ready",
        _PATCH,
        plain=Plain.SIDES,
    ),
)

_SAFE = tuple(
    green(name)
    for name in (
        "safe.Gathered",
        "safe.InHelpers",
        "safe.RenamedVariables",
        "safe.OtherOptions",
        "safe.MoreHandlers",
        "safe.OtherLines",
        "safe.OtherResult",
        "safe.Patched",
        "safe.SilentTimer",
        "timers.OtherLength",
        "timers.ByCondition",
        "gathered.ByHandles",
        "gathered.AsCompleted",
        "local_activities.OtherOptions",
        "children.Started",
        "externals.OtherTarget",
        "attributes.OtherValues",
        "nexus.OtherInput",
        "cancellations.ActivityAbandoned",
        "handlers.OtherHandlers",
        "handlers.StricterValidator",
        "patches.Patched",
        "patches.PatchedTwice",
        "patches.Deprecated",
        "patches.Removed",
        "patches.PatchedInLoop",
        "endings.ContinuesOtherwise",
        "endings.FailsOtherwise",
        "endings.WaitsBeforeMore",
    )
)

PAIRS: tuple[Pair, ...] = (
    *_ACTIVITIES,
    *_PLACED,
    *_GATHERED,
    *_TIMERS,
    *_LOCAL_ACTIVITIES,
    *_CHILDREN,
    *_EXTERNALS,
    *_ATTRIBUTES,
    *_NEXUS,
    *_CANCELLATIONS,
    *_HANDLERS,
    *_PATCHES,
    *_ROUNDS,
    *_ENDINGS,
    *_SAFE,
)
