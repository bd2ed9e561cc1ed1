"""Strict comparison: every attribute of every matched command, and the tail."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from temporalio.converter import DataConverter

from replaykit.replay.align import Alignment
from replaykit.replay.kinds import UPDATE_RESPONSE
from replaykit.replay.replayed import Replayed
from replaykit.replay.strict.attribute import Attribute
from replaykit.replay.strict.attributes import attributes_of
from replaykit.replay.strict.payloads import Reader
from replaykit.replay.strict.renames import aligned_by_kind
from replaykit.replay.strict.run import Pair, Run
from replaykit.replay.strict.tail import tail_drifts
from replaykit.replay.strict.targets import cancellation_targets
from replaykit.replay.strict.updates import update_answers
from replaykit.replay.strict.values import drifts_in, encoded_in
from replaykit.verdict import Drift

__all__ = ["compare"]


def compare(
    replayed: Replayed, *, accepted: bool, leaves_out: Callable[[str], bool] = lambda _field: False
) -> tuple[Drift, ...]:
    """Every attribute that differs from what was recorded, in event order; the tail comes last.

    Args:
        replayed: The replay.
        accepted: Whether Core accepted the replay. It may accept another *name* where the History's SDK
            metadata lacks Core's first flag, and then that is a drift.
        leaves_out: Whether a field is not to be compared; asked where it differs.

    Raises:
        CodecFailed: The worker's codec raised.
    """
    history, recording, alignment = replayed.history, replayed.recording, replayed.alignment
    if accepted and alignment.event is not None:
        alignment = aligned_by_kind(replayed)
    run = Run.of(history, alignment.pairs, recording.commands)
    differing = [
        (pair, attribute)
        for pair, attribute in _attributes(replayed, alignment, run)
        if _may_differ(attribute)
    ]
    reader = Reader(recording.data_converter or DataConverter.default)
    reader.decode(
        encoded
        for _, attribute in differing
        if attribute.is_coded
        for encoded in encoded_in(attribute.recorded, attribute)
    )
    drifts = [
        drift
        for pair, attribute in differing
        for drift in drifts_in(pair, attribute, reader, replayed, leaves_out)
    ]
    drifts.sort(key=lambda drift: drift.event_id or 0)
    if accepted:
        drifts += (drift for drift in tail_drifts(replayed, alignment, run) if not leaves_out(drift.field))
    return tuple(drifts)


def _attributes(replayed: Replayed, alignment: Alignment, run: Run) -> Iterator[tuple[Pair, Attribute]]:
    commands = replayed.recording.commands
    for pair in alignment.pairs:
        for attribute in attributes_of(pair, run):
            yield pair, attribute
    yield from cancellation_targets(alignment.pairs, commands, run)
    if any(command.kind is UPDATE_RESPONSE for command in commands):
        yield from update_answers(replayed.history, commands, run)


def _may_differ(attribute: Attribute) -> bool:
    """Whether the raw values differ: most do not, and are never decoded."""
    return bool(attribute.recorded != attribute.produced)
