"""Methods with other parameters: which come back under another name, and which are guarded inside."""

from __future__ import annotations

import pytest

from replaykit.code.guarding.changes import Changes
from replaykit.code.guarding.differing import Grain

FLOW = """from temporalio import workflow


@workflow.defn
class Flow:
    @workflow.run
    async def run(self) -> None:
        {call}

    {head}
        {step}
"""
OLD, NEW = "await workflow.sleep(1)", "await workflow.sleep(2)"


@pytest.mark.parametrize(
    ("before", "after", "is_back"),
    [
        ("async def pay(self, a)", "async def pay(self, a, b)", True),
        ("async def pay(self, a, b)", "async def pay(self, a)", True),
        ("async def pay(self, a)", "async def pay(self, a, *, b)", True),
        ("async def pay(self, a, *, b)", "async def pay(self, a)", True),
        ("def pay(self, a)", "async def pay(self, a)", True),
        ("async def pay(self, a)", "async def pay(self, other)", False),
        ("async def pay(self, a)", "async def pay(self, a, b=1)", False),
        ("async def pay(self, a, b=1)", "async def pay(self, a)", False),
        ("async def pay(self, a, b=1)", "async def pay(self, a, b)", False),
        ("async def pay(self, a)", "async def pay(self, *rest)", False),
        ("async def pay(self, a, *, b)", "async def pay(self, a, *, c)", True),
        ("async def pay(self, a, b)", "async def pay(self, a, *, b)", False),
    ],
)
def test_a_method_comes_back_where_no_call_fits_both(before: str, after: str, is_back: bool) -> None:
    base = FLOW.format(call="await self.pay(1)", head=f"{before}:", step=OLD)
    head = FLOW.format(call="await self.pay(1, 2)", head=f"{after}:", step=NEW)
    hunks = Changes({"flows.py": base}, {"flows.py": head}).hunks(Grain())
    backs = [back.name.value for hunk in hunks for _, _, back in hunk.brings]
    inside = [hunk for hunk in hunks if hunk.function == "Flow.pay"]
    assert backs == (["pay_before"] if is_back else [])
    assert bool(inside) is not is_back
