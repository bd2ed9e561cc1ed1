"""OpenAI agents: the plugin runs the model as an activity, and a user's activity is a tool."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from agents import Agent, Model, ModelProvider, ModelResponse, Runner
    from temporalio.openai_agents import ModelActivityParameters, OpenAIAgentsPlugin
    from temporalio.openai_agents.testing import ResponseBuilders
    from temporalio.openai_agents.workflow import activity_as_tool


class Stubbed(Model):
    """Calls the tool, then repeats what it returned."""

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        items = kwargs.get("input", args[1] if len(args) > 1 else [])
        outputs = [item for item in items if isinstance(item, dict) and "output" in item]
        if outputs:
            response = ResponseBuilders.output_message(f"It is {outputs[-1]['output']} there.")
        else:
            call = f"call_{uuid.uuid4().hex}"
            response = ResponseBuilders.tool_call('{"city": "Oslo"}', "weather", call_id=call)
        return ModelResponse(
            output=response.output, usage=response.usage, response_id=f"resp_{uuid.uuid4().hex}"
        )

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("this model does not stream")


class StubbedProvider(ModelProvider):
    def get_model(self, model_name: str | None) -> Model:
        return Stubbed()


@activity.defn
async def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


@workflow.defn
class OpenAIAgentWorkflow:
    @workflow.run
    async def run(self, question: str) -> str:
        tool = activity_as_tool(weather, start_to_close_timeout=timedelta(seconds=10))
        agent = Agent(name="weather_agent", instructions="Answer briefly.", model="stub", tools=[tool])
        return str((await Runner.run(agent, question)).final_output)


PLUGIN = OpenAIAgentsPlugin(
    model_params=ModelActivityParameters(start_to_close_timeout=timedelta(seconds=30)),
    model_provider=StubbedProvider(),
)
ACTIVITIES = (weather,)
