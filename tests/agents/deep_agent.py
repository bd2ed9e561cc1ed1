"""Deep Agents of LangChain: the plugin runs the model and the tools as activities."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from langchain_core.messages import AIMessage
    from langchain_core.tools import tool
    from temporalio.deepagents import DeepAgentsPlugin, create_temporal_deep_agent, tool_as_activity
    from temporalio.deepagents.testing import mock_model_provider


@tool
async def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


@workflow.defn
class DeepAgentWorkflow:
    @workflow.run
    async def run(self, question: str) -> str:
        limit = timedelta(seconds=10)
        agent = create_temporal_deep_agent(
            "stub",
            tools=[tool_as_activity(weather, start_to_close_timeout=limit)],
            activity_options={"start_to_close_timeout": limit},
        )
        state: Any = await agent.ainvoke({"messages": [("user", question)]})
        return str(state["messages"][-1].content)


_CALL = {"name": "weather", "args": {"city": "Oslo"}, "id": "call_1", "type": "tool_call"}
PLUGIN = DeepAgentsPlugin(
    model_provider=mock_model_provider([AIMessage(content="", tool_calls=[_CALL]), "It is sunny there."])
)
ACTIVITIES = ()
