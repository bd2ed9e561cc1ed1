"""What a cure does, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from replaykit.code.guarding.hunks import Form, HunkKind
from replaykit.fix.cure import Place
from replaykit.fix.search import Found

__all__ = ["notes_on", "places_of"]


def places_of(found: Found) -> tuple[Place, ...]:
    """Where it changes the code.

    Args:
        found: The guards.
    """
    return tuple(
        Place(
            file=guard.hunk.file,
            line=guard.hunk.line,
            function=guard.hunk.function,
            patch_id=guard.patch_id if guard.form is Form.GUARDED else "",
            in_loop=bool(guard.hunk.loops),
        )
        for guard in found.guards
    )


def notes_on(found: Found, *, fields: Sequence[str] = (), failure: str = "") -> tuple[str, ...]:
    """What whoever applies it should know.

    Args:
        found: The guards.
        fields: Of types, those in which what runs ask for is not as recorded.
        failure: How the change fails on a history, if it does.
    """
    others = []
    if failure:
        others.append(
            f"with the change, {failure}: the guard keeps running workflows from it, and new ones that come "
            "there still fail"
        )
    if fields:
        others.append(
            f"{' and '.join(map(repr, fields))} came or went with a type, where no patch reaches: running "
            "workflows send what the change does, which Temporal accepts and strict mode shows"
        )
    return tuple(dict.fromkeys((*_notes(found), *others)))


def _notes(found: Found) -> Iterator[str]:
    for guard in found.guards:
        hunk = guard.hunk
        if hunk.kind is HunkKind.NAME:
            yield (
                f"{hunk.about} is what its running workflows were started as, so the class is called that "
                "again; who starts it by its new name, in words, has to go back to that"
            )
            continue
        if guard.form is Form.AS_BASE and not hunk.inverted:
            if hunk.is_old:
                yield "only runs from before a patch come to its old branch, so that is as it was"
                continue
            ids = " and ".join(sorted(repr(each) for each in hunk.patched))
            yield f"the patch {ids} is as it was: new runs ask for what the change asks for all the same"
        elif hunk.inverted and guard.form is not Form.GUARDED:
            yield (
                f"patch {min(hunk.inverted)!r} was the wrong way round and is turned: new runs now take its "
                "path, and they did not with the change"
            )
        elif guard.form is Form.AS_PATCHED:
            yield f"patch {guard.patch_id!r} was deprecated before it was ever asked about: now it is asked"
        elif hunk.loops:
            yield (
                f"patch {guard.patch_id!r} is asked about in a loop, and its first answer holds for the "
                "whole run: one that has been there when the change arrives goes on as before, in later "
                "rounds too, until it ends or continues as new"
            )
