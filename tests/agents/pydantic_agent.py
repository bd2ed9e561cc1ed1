"""pydantic-ai: its plugin makes an activity of each model request and each tool call."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic_ai import Agent
    from pydantic_ai.durable_exec.temporal import PydanticAIPlugin, PydanticAIWorkflow, TemporalDurability
    from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
    from pydantic_ai.models.function import AgentInfo, FunctionModel
    from pydantic_ai.toolsets import FunctionToolset


def stubbed(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
    last = messages[-1].parts[-1]
    if isinstance(last, ToolReturnPart):
        return ModelResponse(parts=[TextPart(content=f"It is {last.content} there.")])
    return ModelResponse(parts=[ToolCallPart(tool_name="weather", args={"city": "Oslo"})])


async def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


agent = Agent(
    FunctionModel(stubbed, model_name="stub"),
    name="weather_agent",
    instructions="Answer briefly.",
    toolsets=[FunctionToolset([weather], id="tools")],
    capabilities=[TemporalDurability()],
)


@workflow.defn
class PydanticAgentWorkflow(PydanticAIWorkflow):
    __pydantic_ai_agents__ = (agent,)

    @workflow.run
    async def run(self, question: str) -> str:
        answer: str = (await agent.run(question)).output
        return answer


PLUGIN = PydanticAIPlugin
ACTIVITIES = ()
