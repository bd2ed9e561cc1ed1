"""Workflows that set handlers while they run: their classes declare none of them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@dataclass
class Turn:
    text: str


async def act(name: str) -> None:
    await workflow.execute_activity(name, start_to_close_timeout=TIMEOUT)


class Runner:
    """A library's: it takes the workflow's messages, whatever class has it."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.is_closed = False
        workflow.set_update_handler("say", self.say, validator=self.refuse_nothing)
        workflow.set_signal_handler("close", functools.partial(self.close, True))
        workflow.set_query_handler("turns", lambda: len(self.turns))

    async def say(self, turn: Turn) -> str:
        self.turns.append(turn)
        return turn.text

    def refuse_nothing(self, turn: Turn) -> None:
        pass

    def close(self, now: bool) -> None:  # what the partial gives
        self.is_closed = now


@workflow.defn
class Agent:
    @workflow.init
    def __init__(self) -> None:
        self.runner = Runner()

    @workflow.run
    async def run(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self.runner.turns) or self.runner.is_closed)
            if not self.runner.turns:
                return
            self.runner.turns.pop()
            await act("answer")


@workflow.defn
class SetsLate:
    """Takes a message only between two activities; the one that its class declares in another way then."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    @workflow.run
    async def run(self) -> None:
        await act("first")
        workflow.set_signal_handler("late", self.take)
        workflow.set_signal_handler("note", self.take)
        await workflow.wait_condition(lambda: bool(self.heard))
        workflow.set_signal_handler("late", None)
        await act("second")

    def take(self, turn: Turn) -> None:
        self.heard.append(turn)

    @workflow.signal
    def note(self, number: int) -> None:
        self.heard.append(number)
