"""Google's Gemini SDK: its plugin runs each API call as an activity, and a user's activity is a tool."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from google.genai.types import GenerateContentConfig
    from temporalio.google_genai import TemporalAsyncClient
    from temporalio.google_genai.testing import GeminiTestServer, function_call_response, text_response
    from temporalio.google_genai.workflow import activity_as_tool


@activity.defn
async def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


@workflow.defn
class GeminiAgentWorkflow:
    @workflow.run
    async def run(self, question: str) -> str:
        limit = timedelta(seconds=10)
        tool = activity_as_tool(weather, activity_config={"start_to_close_timeout": limit})
        client = TemporalAsyncClient()
        response = await client.models.generate_content(
            model="stub", contents=question, config=GenerateContentConfig(tools=[tool])
        )
        return response.text or ""


PLUGIN = GeminiTestServer(
    [function_call_response("weather", {"city": "Oslo"}), text_response("It is sunny there.")]
).plugin()
ACTIVITIES = (weather,)
