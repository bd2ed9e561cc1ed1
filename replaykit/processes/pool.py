"""Children that share a list of questions: each loses at most the one that it was asked."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from replaykit.errors import ReplaykitError
from replaykit.processes.child import Child, Children, Program
from replaykit.processes.lost import ChildLostError
from replaykit.verdict import Reason

__all__ = ["Answered", "Lost", "Pool"]

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered(Generic[Item]):
    """What a child answered."""

    index: int
    """Place of the item among those that were asked about, from 0."""
    item: Item
    answer: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost(Generic[Item]):
    """An item that no child has answered."""

    index: int
    item: Item
    reason: Reason
    """`crashed` or `timed_out`."""
    message: str
    """What happened, with the last line that the child wrote, in one line."""


class Pool(Generic[Item]):
    """Asks children that all run one Program.

    Args:
        program: What they run. To each item that it receives it sends one answer.
        item_s: Deadline of an answer, in seconds.
        size: How many children there are at most.
    """

    def __init__(self, program: Program, *, item_s: float, size: int = 1) -> None:
        self._item_s = item_s
        self._children = Children()
        self._each = [self._children.of(program) for _ in range(max(1, size))]

    def __enter__(self) -> Pool[Item]:
        self._children.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._children.__exit__(kind, error, trace)

    def start(self) -> Any:
        """Start the first child; the others follow when there is something to ask.

        Returns:
            Its answer to the Program's opening.

        Raises:
            ReplaykitError: Its code cannot be loaded.
        """
        return self._each[0].start()

    def ask(self, items: Iterable[Item]) -> Iterator[Answered[Item] | Lost[Item]]:
        """Ask about each item; what comes of it, as it comes, so in any order.

        A child that is lost is started again. Where its code does not load any more, the others go on
        without it; once there is none, the rest of the items is lost. Leaving the iterator early ends all
        children.
        """
        work = _Work(deque(enumerate(items)))
        is_through = False
        try:
            able = self._each
            while work.rest and able:
                yield from self._round(able, work)
                able = [child for child in able if child not in work.failures]
            for index, item in work.rest:
                yield _lost(index, item, work.failures[self._each[-1]])
            is_through = True
        finally:
            work.is_stopped = True
            if not is_through:
                self._children.end()

    def _round(self, able: Sequence[Child], work: _Work[Item]) -> Iterator[Answered[Item] | Lost[Item]]:
        """Have children work in a thread each until none finds anything to do."""
        threads = [
            threading.Thread(target=self._work, args=(child, work), name="replaykit-pool", daemon=True)
            for child in able[: len(work.rest)]
        ]
        for thread in threads:
            thread.start()
        left = len(threads)
        while left:
            result = work.results.get()
            if result is None:
                left -= 1
            else:
                yield result
        for thread in threads:
            thread.join()

    def _work(self, child: Child, work: _Work[Item]) -> None:
        try:
            while not work.is_stopped:
                try:
                    index, item = work.rest.popleft()
                except IndexError:
                    return
                try:
                    if not child.is_running:
                        child.start()
                except ReplaykitError as error:
                    work.failures[child] = error
                    work.rest.appendleft((index, item))
                    return
                work.results.put(_asked(child, index, item, self._item_s))
        finally:
            work.results.put(None)


class _Work(Generic[Item]):
    """What the threads of one `ask` share."""

    def __init__(self, rest: deque[tuple[int, Item]]) -> None:
        self.rest = rest
        self.results: queue.SimpleQueue[Answered[Item] | Lost[Item] | None] = queue.SimpleQueue()
        self.failures: dict[Child, ReplaykitError] = {}
        """Of the children whose code does not load."""
        self.is_stopped = False


def _asked(child: Child, index: int, item: Item, item_s: float) -> Answered[Item] | Lost[Item]:
    """Ask one running child about one item."""
    try:
        child.send(item)
        return Answered(index=index, item=item, answer=child.hear(item_s))
    except ReplaykitError as error:
        return _lost(index, item, error)


def _lost(index: int, item: Item, error: ReplaykitError) -> Lost[Item]:
    reason = error.reason if isinstance(error, ChildLostError) else Reason.CRASHED
    return Lost(index=index, item=item, reason=reason, message=str(error))
