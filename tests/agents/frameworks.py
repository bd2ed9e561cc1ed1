"""What each agent framework of this folder is called, and where its workflow stands."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from replaykit.config import WorkerConfig

__all__ = ["FRAMEWORKS", "HISTORIES", "Framework"]

HISTORIES = Path(__file__).parent / "histories"


@dataclass(frozen=True, kw_only=True, slots=True)
class Framework:
    """One agent framework."""

    name: str
    """Of its task queue, and of its preset where it has one."""
    module: str
    """Of this package."""
    workflow: str
    needs: str
    """A module that is there where the framework is installed."""

    @property
    def is_installed(self) -> bool:
        try:
            return importlib.util.find_spec(self.needs) is not None
        except ModuleNotFoundError:
            return False

    def load(self) -> Any:
        return importlib.import_module(f"tests.agents.{self.module}")

    @property
    def worker(self) -> WorkerConfig:
        """As a user would write it in `[[tool.replaykit.worker]]`."""
        module = f"tests.agents.{self.module}"
        return WorkerConfig(
            name=self.name,
            task_queues=(self.name,),
            workflows=(f"{module}:{self.workflow}",),
            plugins=(f"{module}:PLUGIN",),
        )


FRAMEWORKS = (
    Framework(
        name="pydantic-ai",
        module="pydantic_agent",
        workflow="PydanticAgentWorkflow",
        needs="pydantic_ai.durable_exec.temporal",
    ),
    Framework(
        name="openai-agents",
        module="openai_agent",
        workflow="OpenAIAgentWorkflow",
        needs="temporalio.openai_agents",
    ),
    Framework(
        name="langgraph", module="langgraph_agent", workflow="LangGraphWorkflow", needs="temporalio.langgraph"
    ),
    Framework(
        name="langsmith", module="langsmith_agent", workflow="LangSmithWorkflow", needs="temporalio.langsmith"
    ),
    Framework(
        name="strands-agents",
        module="strands_agent",
        workflow="StrandsAgentWorkflow",
        needs="temporalio.strands_agents",
    ),
    Framework(
        name="google-adk", module="adk_agent", workflow="AdkAgentWorkflow", needs="temporalio.google_adk"
    ),
    Framework(
        name="google-genai",
        module="gemini_agent",
        workflow="GeminiAgentWorkflow",
        needs="temporalio.google_genai",
    ),
    Framework(
        name="deepagents", module="deep_agent", workflow="DeepAgentWorkflow", needs="temporalio.deepagents"
    ),
)
