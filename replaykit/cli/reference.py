"""The reference, topic by topic, made from the tables and words that the code itself uses."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import click

from replaykit.words import Word

__all__ = ["TOPICS", "Entry", "Section", "Topic", "lines_of"]

_WIDTH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One thing, and what there is to know about it."""

    term: str
    texts: tuple[str, ...]
    """One paragraph each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Things of one kind."""

    title: str
    about: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """What `replaykit help NAME` prints."""

    summary: str
    sections: Callable[[click.Group], Iterable[Section]] = field(repr=False)
    """Made when it is asked for, of the command line: it imports what it is about."""


def lines_of(sections: Iterable[Section]) -> Iterator[str]:
    """Sections as text, at most 100 columns wide."""
    for number, section in enumerate(sections):
        if number:
            yield ""
        yield section.title
        yield from _wrapped(section.about, indent=0)
        for entry in section.entries:
            yield ""
            yield f"  {entry.term}"
            for text in entry.texts:
                yield from _wrapped(text, indent=6)


def _wrapped(text: str, *, indent: int) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _config(_: click.Group) -> Iterator[Section]:
    from replaykit.config.key import Key
    from replaykit.config.keys import KEY_TABLES

    def entry(key: Key) -> Entry:
        left_out = "required" if key.required else f"default {key.default or 'none'}"
        twin = (f"command line: {key.twin}",) if key.twin else ()
        return Entry(term=key.name, texts=(f"{key.kind.value}; {left_out}", key.meaning, *twin))

    for table in KEY_TABLES:
        yield Section(title=table.heading, about=table.about, entries=tuple(map(entry, table.keys)))


def _words(title: str, words: Iterable[Word], about: str = "") -> Section:
    return Section(title=title, about=about, entries=tuple(map(_word, words)))


def _word(word: Word) -> Entry:
    return Entry(term=str(word), texts=(word.meaning, *((f"cure: {word.cure}",) if word.cure else ())))


def _outcomes(_: click.Group) -> Iterator[Section]:
    from replaykit.verdict import Outcome, Severity

    yield _words("Outcomes", Outcome, "What one replay of one history comes to.")
    yield _words("Severities", Severity, "How much a drift matters; fail_on of [tool.replaykit.strict].")


def _reasons(_: click.Group) -> Iterator[Section]:
    from replaykit.verdict import Reason

    yield _words("Reasons", Reason, "Why a history is unjudged: its replay gave no verdict.")


def _exit_codes(group: click.Group) -> Iterator[Section]:
    yield Section(title="Exit codes", about=_exit_codes_in(group.help or ""))
    entries = []
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            codes = _exit_codes_in(command.help or "") if command is not None else ""
            if codes:
                entries.append(Entry(term=f"replaykit {name}", texts=(codes,)))
    yield Section(title="By command", entries=tuple(entries))


def _exit_codes_in(text: str) -> str:
    """The paragraph of a command's help that lists its exit codes."""
    found = re.search(r"^\s*Exit codes: (.+?)(?:\n\s*\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def _patches(_: click.Group) -> Iterator[Section]:
    from replaykit.patches.patch import State, Took

    yield _words("States of a patch", State, "Where a patch stands in its life.")
    yield _words("What a run has done at a patch", Took)


def _axes(_: click.Group) -> Iterator[Section]:
    from replaykit.perturb.axes import AXES

    yield Section(
        title="Axes",
        about="What `replaykit replay --perturb` changes in a replay, and the cure where code depends on it.",
        entries=tuple(
            Entry(term=axis.name, texts=(f"changed: {axis.changes}", f"cure: {axis.cure}"))
            for axis in AXES.values()
        ),
    )


def _rules(_: click.Group) -> Iterator[Section]:
    from replaykit.gate.against_base import RULES as GATE_RULES
    from replaykit.report.report_issues import RULES as REPLAY_RULES

    for title, rules in (("Rules of the gate", GATE_RULES), ("Rules of a replay", REPLAY_RULES)):
        yield Section(title=title, about=_ABOUT_RULES, entries=tuple(_of_mapping(rules)))


_ABOUT_RULES = "The names by which annotations, SARIF, Code Quality and waivers call what was found."


def _of_mapping(texts: Mapping[str, str]) -> Iterator[Entry]:
    return (Entry(term=term, texts=(text,)) for term, text in texts.items())


def _mutations(_: click.Group) -> Iterator[Section]:
    from replaykit.check.mutation import MutationKind

    about = "What `--self-test` changes in recorded histories; a check that works finds that each diverges."
    yield _words("Mutations", MutationKind, about)


def _formats(group: click.Group) -> Iterator[Section]:
    yield Section(
        title="Report formats",
        about="By command, the options that write a report. FILE is a path, or - for standard output.",
    )
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            options = [each for each in command.params if _writes(each)] if command is not None else []
            if options:
                entries = (Entry(term=_signature(each), texts=(_help(each),)) for each in options)
                yield Section(title=f"replaykit {name}", entries=tuple(entries))


def _writes(option: click.Parameter) -> bool:
    return isinstance(option, click.Option) and (option.metavar == "FILE" or "--github" in option.opts)


def _signature(option: click.Parameter) -> str:
    return " ".join([option.opts[-1], *([option.metavar] if option.metavar else [])])


def _help(option: click.Parameter) -> str:
    return (option.help or "") if isinstance(option, click.Option) else ""


TOPICS: Mapping[str, Topic] = {
    "config": Topic(summary="Every key of [tool.replaykit] in pyproject.toml.", sections=_config),
    "outcomes": Topic(summary="What a replay comes to, and how much a drift matters.", sections=_outcomes),
    "reasons": Topic(summary="Why a history is unjudged, and the cure.", sections=_reasons),
    "exit-codes": Topic(summary="How each command ends.", sections=_exit_codes),
    "patches": Topic(summary="States of a patch, and what runs did at it.", sections=_patches),
    "rules": Topic(summary="Names of what a gate and a replay find.", sections=_rules),
    "axes": Topic(summary="What --perturb changes.", sections=_axes),
    "mutations": Topic(summary="What --self-test changes.", sections=_mutations),
    "formats": Topic(summary="Report formats, and the options that write them.", sections=_formats),
}
