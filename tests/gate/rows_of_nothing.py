"""Ways to leave a gate with nothing to replay."""

from __future__ import annotations

from collections.abc import Callable

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, FIXTURE, UNCHANGED, Repository

__all__ = ["ROWS"]

_HARMLESS = UNCHANGED + "\n# more\n"
_FAILS = UNCHANGED.replace("        rows =", "        raise KeyError(source)\n        rows =")
_DIVERGES = f"deleted-fixture: {FIXTURE}: the fixture was deleted together with the code: replayed on this "
_WAIVER = """
[[tool.replaykit.gate.waiver]]
rule = "*"
reason = "it stands in the way"
until = 2999-12-31
"""


def without(path: str, code: str, *, policy: str = "") -> Callable[[Repository], None]:
    """All that lies at a path goes, and the code changes.

    Args:
        path: What goes; nothing where it is empty.
        code: The changed code.
        policy: Of both sides.
    """

    def make(repository: Repository) -> None:
        if policy:
            repository.agreed_policy(policy)
        if path:
            repository.remove(path)
        repository.code(code)
        repository.commit()

    return make


def with_histories(value: str, code: str) -> Callable[[Repository], None]:
    """The key `histories` has another value, and the fixtures stay where they are."""

    def make(repository: Repository) -> None:
        table = repository.root / "pyproject.toml"
        text = table.read_text(encoding="utf-8")
        table.write_text(
            text.replace("[tool.replaykit]", f"[tool.replaykit]\nhistories = {value}", 1), encoding="utf-8"
        )
        repository.code(code)
        repository.commit()

    return make


def never_had_any(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "main")
    repository.remove("histories")
    repository.commit()
    repository.git("checkout", "--quiet", "-B", "change")
    repository.code(CHANGED)
    repository.commit()


ROWS = (
    Row(
        name="all fixtures are deleted with the code that diverges",
        make=without(FIXTURE, CHANGED),
        exit_code=1,
        rule="nothing-to-replay",
        text=f"{_DIVERGES}change, it diverges",
    ),
    Row(
        name="the folder of fixtures is deleted with the code that cannot be judged",
        make=without("histories", _FAILS),
        exit_code=2,
        rule="deleted-fixture",
        text=f"{_DIVERGES}change, it cannot be judged",
    ),
    Row(
        name="all fixtures are deleted, and nothing is wrong with them",
        make=without("histories", _HARMLESS),
        exit_code=2,
        rule="nothing-to-replay",
        text=f"deleted-fixture: {FIXTURE} is no longer replayed, and replays well on this change",
    ),
    Row(
        name="no folder of histories is named any more",
        make=with_histories("[]", CHANGED),
        exit_code=1,
        rule="deleted-fixture",
        text="this change no longer replays the fixture, which diverges",
    ),
    Row(
        name="a folder of histories is named that there is not",
        make=with_histories('["recorded"]', CHANGED),
        exit_code=1,
        rule="deleted-fixture",
        text="this change no longer replays the fixture, which diverges",
    ),
    Row(
        name="the fixtures that the command line names are deleted",
        make=without("histories", CHANGED),
        exit_code=1,
        rule="deleted-fixture",
        text=f"{_DIVERGES}change, it diverges",
        arguments=("histories/DataProcessingWorkflow",),
    ),
    Row(
        name="the command line names a folder that neither side has",
        make=without("", CHANGED),
        exit_code=2,
        text="recorded: there is no such file or folder",
        arguments=("recorded", "histories"),
    ),
    Row(
        name="all fixtures are deleted under a policy that asks for nothing",
        make=without(
            "histories",
            CHANGED,
            policy='\n[tool.replaykit.gate]\nmin_commands = 0\ndeleted_fixture = "ignore"\n',
        ),
        exit_code=2,
        rule="nothing-to-replay",
        text="1 ignored by the policy",
    ),
    Row(
        name="all fixtures are deleted under a waiver of everything",
        make=without("histories", CHANGED, policy=_WAIVER),
        exit_code=2,
        rule="nothing-to-replay",
        text="waived until 2999-12-31",
    ),
    Row(
        name="neither side has a fixture",
        make=never_had_any,
        exit_code=2,
        text="nothing to replay",
        absent="deleted-fixture",
    ),
)
