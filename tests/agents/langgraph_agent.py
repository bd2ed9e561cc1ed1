"""LangGraph: each node of a graph is an activity."""

from __future__ import annotations

import uuid
from datetime import timedelta

from temporalio import workflow
from typing_extensions import TypedDict

with workflow.unsafe.imports_passed_through():
    from langgraph.graph import END, START, StateGraph
    from temporalio.langgraph import LangGraphPlugin, graph


_MOST_ROUNDS = 25
"""Results are cached: where the model repeats a call, LangGraph's own 10,007 go round without a pause."""


class State(TypedDict, total=False):
    question: str
    call: dict[str, str]
    weather: str
    answer: str


async def model(state: State) -> State:
    if "weather" in state:
        return {"answer": f"It is {state['weather']} there."}
    return {"call": {"id": f"call_{uuid.uuid4().hex}", "city": "Oslo"}}


async def tools(state: State) -> State:
    return {"weather": f"sunny in {state['call']['city']}"}


async def route(state: State) -> str:
    return END if "answer" in state else "tools"


def weather_graph() -> StateGraph[State]:
    options = {"execute_in": "activity", "start_to_close_timeout": timedelta(seconds=10)}
    made = StateGraph(State)
    made.add_node("model", model, metadata=options)
    made.add_node("tools", tools, metadata=options)
    made.add_edge(START, "model")
    made.add_conditional_edges("model", route)
    made.add_edge("tools", "model")
    return made


@workflow.defn
class LangGraphWorkflow:
    @workflow.run
    async def run(self, question: str) -> str:
        compiled = graph("weather").compile()
        state = await compiled.ainvoke({"question": question}, {"recursion_limit": _MOST_ROUNDS})
        answer: str = state["answer"]
        return answer


PLUGIN = LangGraphPlugin(graphs={"weather": weather_graph()})
ACTIVITIES = ()
