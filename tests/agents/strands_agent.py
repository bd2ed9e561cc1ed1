"""Strands agents: the plugin runs the model as an activity, and a user's activity is a tool."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from strands.models import Model
    from temporalio.strands_agents import StrandsPlugin, TemporalAgent
    from temporalio.strands_agents.workflow import activity_as_tool


class Stubbed(Model):
    """Calls the tool, then repeats what it returned."""

    def update_config(self, **model_config: Any) -> None:
        pass

    def get_config(self) -> dict[str, Any]:
        return {}

    def structured_output(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("this model has no structured output")

    async def stream(self, messages: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        results = [part["toolResult"] for part in messages[-1]["content"] if "toolResult" in part]
        yield {"messageStart": {"role": "assistant"}}
        if results:
            text = results[0]["content"][0]["text"]
            yield {"contentBlockStart": {"start": {}}}
            yield {"contentBlockDelta": {"delta": {"text": f"It is {text} there."}}}
        else:
            use = {"name": "weather", "toolUseId": f"tooluse_{uuid.uuid4().hex}"}
            yield {"contentBlockStart": {"start": {"toolUse": use}}}
            yield {"contentBlockDelta": {"delta": {"toolUse": {"input": '{"city": "Oslo"}'}}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn" if results else "tool_use"}}


@activity.defn
async def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


@workflow.defn
class StrandsAgentWorkflow:
    @workflow.run
    async def run(self, question: str) -> str:
        limit = timedelta(seconds=10)
        tool = activity_as_tool(weather, start_to_close_timeout=limit)
        agent = TemporalAgent(model="stub", start_to_close_timeout=limit, tools=[tool])
        return str(await agent.invoke_async(question)).strip()


PLUGIN = StrandsPlugin(models={"stub": Stubbed})
ACTIVITIES = (weather,)
