"""Ways to pass a new failure off as an old one, and failures of a base that is not the same twice."""

from __future__ import annotations

from collections.abc import Callable

from tests.gate.fooling import Row
from tests.gate.repository import UNCHANGED, Repository

__all__ = ["ROWS"]

_IDS = "import uuid\n\n\ndef fresh() -> str:\n    return uuid.uuid4().hex\n"
_WITH_IDS = UNCHANGED.replace(
    "SOON =", "with workflow.unsafe.imports_passed_through():\n    import ids\n\nSOON ="
)
_FIRST = 'workflow.execute_activity("extract_rows", source,'


def both_have(base: str, change: str, policy: str = "") -> Callable[[Repository], None]:
    """A base that fails in some way, and a change of it."""

    def make(repository: Repository) -> None:
        repository.code(base)
        repository.policy(policy)
        (repository.root / "ids.py").write_text(_IDS, encoding="utf-8")
        repository.commit("the base")
        repository.git("branch", "--force", "main", "HEAD")
        repository.code(change)
        repository.commit()

    return make


def raising(statement: str) -> str:
    return UNCHANGED.replace("        rows =", f"        {statement}\n        rows =")


def first(call: str) -> str:
    return _WITH_IDS.replace(_FIRST, call)


_KEY_ERROR = raising('{}["a"]')
_RANDOM_NAME = first('workflow.execute_activity(f"rows (id {ids.fresh()})", source,')
_SEEDED_NAME = first('workflow.execute_activity(f"rows (id {hash(source)})", source,')
_RANDOM_ARGUMENT = first('workflow.execute_activity("extract_rows", ids.fresh(),')
_OTHER_END = UNCHANGED.replace('"load_total"', '"store_total"')
_SLOWER_START = "source, start_to_close_timeout=timedelta(seconds=20))"
_OTHER_ARGUMENT = UNCHANGED.replace('"load_total", rows,', '"load_total", [rows],')
_ITS_SUMMARY = 'source, summary="reads the rows", start_to_close_timeout=SOON)'
_START = "source, start_to_close_timeout=SOON)"
_COMMENTED = "# a comment that moves every line\n"

ROWS = (
    Row(
        name="another error at the same event",
        make=both_have(_KEY_ERROR, raising('int("a")')),
        exit_code=2,
        rule="new-unjudged",
        text="ValueError",
    ),
    Row(
        name="the same error of another line",
        make=both_have(_KEY_ERROR, raising('dict()["a"]')),
        exit_code=2,
        rule="new-unjudged",
        text="KeyError",
    ),
    Row(
        name="the same error, moved by a comment",
        make=both_have(_KEY_ERROR, _COMMENTED + _KEY_ERROR),
        exit_code=2,  # for then nothing was compared, and that alone
        rule="inherited",
        text="too-few-commands",
        absent="new-unjudged",
    ),
    Row(
        name="a random name, and a comment",
        make=both_have(_RANDOM_NAME, _COMMENTED + _RANDOM_NAME),
        exit_code=0,
        rule="unstable",
        text="nothing on purpose",
        absent="new-divergence",
    ),
    Row(
        name="a random name, and no guard advised",
        make=both_have(_RANDOM_NAME, _COMMENTED + _RANDOM_NAME),
        arguments=("--verbose",),
        exit_code=0,
        rule="unstable",
        text="belongs in an activity",
        absent="workflow.patched",
    ),
    Row(
        name="a name by the hash seed, and a comment",
        make=both_have(_SEEDED_NAME, _COMMENTED + _SEEDED_NAME),
        exit_code=0,
        rule="unstable",
        text="PYTHONHASHSEED",
    ),
    Row(
        name="another command where the base gives a random name",
        make=both_have(_RANDOM_NAME, first('workflow.execute_activity("read_rows", source,')),
        exit_code=1,
        rule="new-divergence",
        absent="unstable: ",
    ),
    Row(
        name="random arguments, and a comment",
        make=both_have(_RANDOM_ARGUMENT, _COMMENTED + _RANDOM_ARGUMENT),
        arguments=("--strict",),
        exit_code=0,
        rule="unstable",
        absent="new-drift",
    ),
    Row(
        name="another timeout beside random arguments",
        make=both_have(_RANDOM_ARGUMENT, _RANDOM_ARGUMENT.replace("seconds=10", "seconds=20")),
        arguments=("--strict",),
        exit_code=1,
        rule="new-drift",
        text="start_to_close_timeout",
    ),
    Row(
        name="a good base that the change makes random",
        make=both_have(UNCHANGED, _RANDOM_NAME),
        exit_code=1,
        rule="new-divergence",
        absent="unstable: ",
    ),
    Row(
        name="another timeout before a divergence that the base has",
        make=both_have(_OTHER_END, _OTHER_END.replace(_START, _SLOWER_START)),
        arguments=("--strict",),
        exit_code=1,
        rule="new-drift",
        text="(beside what the base has)",
        absent="new-divergence: ",
    ),
    Row(
        name="another summary beside arguments that differ in the base too",
        make=both_have(_OTHER_ARGUMENT, _OTHER_ARGUMENT.replace(_START, _ITS_SUMMARY)),
        arguments=("--strict",),
        exit_code=0,
        rule="inherited",
        absent="new-drift: ",
    ),
    Row(
        name="another summary beside arguments that differ in the base too, where summaries fail",
        make=both_have(
            _OTHER_ARGUMENT,
            _OTHER_ARGUMENT.replace(_START, _ITS_SUMMARY),
            policy='\n[tool.replaykit.strict]\nfail_on = "cosmetic"\n',
        ),
        arguments=("--strict",),
        exit_code=1,
        rule="new-drift",
        text="activity.summary",
    ),
)
