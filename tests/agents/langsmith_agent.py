"""LangSmith: its interceptors trace a workflow, its activities and what is marked as traceable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import MagicMock

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    import langsmith
    from langsmith import traceable
    from temporalio.langsmith import LangSmithPlugin


@activity.defn
async def ask_model(question: str, weather: str) -> str:
    return f"It is {weather} there." if weather else "call weather"


@activity.defn
async def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


@traceable(name="answer")
async def answer(question: str) -> str:
    options: Any = {"start_to_close_timeout": timedelta(seconds=10)}
    seen = ""
    for _ in range(2):
        reply = await workflow.execute_activity(ask_model, args=[question, seen], **options)
        if reply != "call weather":
            break
        seen = await workflow.execute_activity(weather, "Oslo", **options)
    return str(reply)


@workflow.defn
class LangSmithWorkflow:
    @workflow.run
    async def run(self, question: str) -> str:
        return str(await answer(question))


PLUGIN = LangSmithPlugin(client=MagicMock(spec=langsmith.Client), add_temporal_runs=True)
ACTIVITIES = (ask_model, weather)
