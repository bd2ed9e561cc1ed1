"""Ways to drop a patch that a gate does not see: ids that are no literals."""

from __future__ import annotations

from tests.gate.fooling import Row
from tests.gate.repository import Repository
from tests.gate.rows_of_workflows import ORDER, UNPROVEN, orders

__all__ = ["ROWS"]

_LITERAL = 'workflow.patched("validate-before-payment")'
_ENUM = """
import enum


class Patch(str, enum.Enum):
    VALIDATE = "validate-before-payment"

"""


def dropped(call: str, *, top: str = "", attribute: str = "") -> Row:
    """The base gives a patch its id in some way; the change runs its new branch alone."""
    base = ORDER.replace(_LITERAL, call)
    base = base.replace("\n\n\n@workflow.defn", f"\n{top}\n\n@workflow.defn", 1)
    base = base.replace("class OrderWorkflow:\n", f"class OrderWorkflow:\n{attribute}\n", 1)
    return Row(
        name=f"a patch is dropped whose id is {call}",
        make=orders("v3", base=base, code=base.replace(call, "True")),
        exit_code=1,  # the marker of the patch is not asked for any more
        rule="unproven-patch-removal",
        text=UNPROVEN,
    )


def computed(repository: Repository) -> None:
    """A second patch, whose id nobody can read, is there in the base alone."""
    text = ORDER.replace(_LITERAL, f"{_LITERAL} and workflow.patched(order + '-2')")
    orders("v3", base=text, code=ORDER)(repository)


ROWS = (
    dropped("workflow.patched(self.PATCH)", attribute='    PATCH = "validate-before-payment"\n'),
    dropped("workflow.patched(type(self).PATCH)", attribute='    PATCH = "validate-before-payment"\n'),
    dropped("workflow.patched(Patch.VALIDATE.value)", top=_ENUM),
    dropped('workflow.patched(f"{STEP}-before-payment")', top='STEP = "validate"'),
    dropped('is_new("validate-before-payment")', top="is_new = workflow.patched"),
    Row(
        name="a patch is dropped whose id nobody can read",
        make=computed,
        exit_code=0,
        rule="unproven-patch-removal",
        text="no longer calls workflow.patched(order + '-2'), and which id that is cannot be read",
    ),
)
