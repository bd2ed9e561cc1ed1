"""One workflow under workers of the shapes that users run: its History comes out the same under each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from temporalio.worker import WorkerTuner

from tests.gallery.blocks.data_processing import DataProcessingWorkflow, extract_rows, load_total
from tests.gallery.scenario import Scenario, WorkerSetup

_ACTIVITIES = (extract_rows, load_total)
_ACTIVITY_QUEUE = "gallery-shape-split-activities"


def _no_cache() -> Mapping[str, Any]:
    """Sticky execution off: every workflow task replays the run from its start."""
    return {"max_cached_workflows": 0}


def _tuned() -> Mapping[str, Any]:
    """Slots by the load of the machine instead of by count."""
    return {"tuner": WorkerTuner.create_resource_based(target_memory_usage=0.9, target_cpu_usage=0.9)}


_SPLIT = WorkerSetup(task_queue="gallery-shape-split", workflows=(DataProcessingWorkflow,))
_SPLIT_ACTIVITIES = WorkerSetup(task_queue=_ACTIVITY_QUEUE, activities=_ACTIVITIES)
_NO_CACHE = WorkerSetup(
    task_queue="gallery-shape-no-cache",
    workflows=(DataProcessingWorkflow,),
    activities=_ACTIVITIES,
    options=_no_cache,
)
_TUNED = WorkerSetup(
    task_queue="gallery-shape-tuned",
    workflows=(DataProcessingWorkflow,),
    activities=_ACTIVITIES,
    options=_tuned,
)

SCENARIOS = (
    Scenario(
        name="shape-activities-on-own-queue",
        workflow=DataProcessingWorkflow,
        args=("one two three", _ACTIVITY_QUEUE),
        workers=(_SPLIT, _SPLIT_ACTIVITIES),
    ),
    Scenario(
        name="shape-no-sticky-cache",
        workflow=DataProcessingWorkflow,
        args=("one two three",),
        workers=(_NO_CACHE,),
    ),
    Scenario(
        name="shape-resource-based-tuner",
        workflow=DataProcessingWorkflow,
        args=("one two three",),
        workers=(_TUNED,),
    ),
)
