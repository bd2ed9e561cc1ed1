"""Google's ADK: its plugin runs the model as an activity, and a user's activity is a tool."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from google.adk.agents import Agent
    from google.adk.models import BaseLlm, LLMRegistry
    from google.adk.models.llm_request import LlmRequest
    from google.adk.models.llm_response import LlmResponse
    from google.adk.runners import InMemoryRunner
    from google.genai import types
    from temporalio.google_adk import GoogleAdkPlugin, TemporalModel
    from temporalio.google_adk.workflow import activity_as_tool


class Stubbed(BaseLlm):
    """Calls the tool, then repeats what it returned."""

    @classmethod
    def supported_models(cls) -> list[str]:
        return ["stub"]

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        parts = llm_request.contents[-1].parts or []
        results = [part.function_response for part in parts if part.function_response]
        if results:
            part = types.Part(text=f"It is {(results[0].response or {})['result']} there.")
        else:
            part = types.Part(function_call=types.FunctionCall(name="weather", args={"city": "Oslo"}))
        yield LlmResponse(content=types.Content(role="model", parts=[part]))


@activity.defn
async def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


@workflow.defn
class AdkAgentWorkflow:
    @workflow.run
    async def run(self, question: str) -> str:
        tool = activity_as_tool(weather, start_to_close_timeout=timedelta(seconds=10))
        agent = Agent(name="weather_agent", model=TemporalModel("stub"), tools=[tool])
        runner = InMemoryRunner(agent=agent, app_name="weather")
        session = await runner.session_service.create_session(app_name="weather", user_id="ada")
        asked = types.Content(role="user", parts=[types.Part(text=question)])
        answer = ""
        async for event in runner.run_async(user_id="ada", session_id=session.id, new_message=asked):
            if event.is_final_response() and event.content and event.content.parts:
                answer = event.content.parts[0].text or ""
        return answer


LLMRegistry.register(Stubbed)
PLUGIN = GoogleAdkPlugin
ACTIVITIES = (weather,)
