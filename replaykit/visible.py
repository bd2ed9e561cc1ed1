r"""Text of other people made visible, and harmless where it is printed.

Ids, names, payloads, file names and messages of exceptions are anybody's. A terminal obeys control characters
in them, some marks turn the order of letters around, and a CI service takes a line for a command to itself.
`visible` shows such characters as escapes (`\x1b`, `\u202e`), and the first sign of such a command too.
Every text that leaves replaykit goes through it; what did already comes out as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["visible", "visible_in_json", "visible_in_line", "visible_pieces"]

_MARKS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    # What has no shape of its own, or turns letters around; what joins letters of a script stays.
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e0fff"  # halves of characters, none at all, and tags
)
_UNSEEN = re.compile(f"[{_MARKS}]")
# Blanks as .NET trims them, which the runner of GitHub does before it looks for `::`.
_AT_START = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
# `##[command]` of GitHub and `##vso[...]` of Azure count anywhere in a line, `##teamcity[...]` at its start.
_ANYWHERE = re.compile(r"#(?=#\w*\[)")
_ESCAPED = {":": r"\x3a", "#": r"\x23"}


def visible(text: str) -> str:
    r"""The text with escapes for what is unseen or obeyed; newlines and tabs stay.

    Example:
        visible("a\x1b[31m\n::error::b") == "a\\x1b[31m\n\\x3a:error::b"
    """
    if _UNSEEN.search(text) is not None:
        text = _UNSEEN.sub(_escape, text.replace("\r\n", "\n"))
    if "::" in text:
        text = _AT_START.sub(rf"\1\{_ESCAPED[':']}", text)
    return _ANYWHERE.sub(rf"\{_ESCAPED['#']}", text) if "##" in text else text


def visible_in_line(text: str) -> str:
    """The same for a name, in which a newline means nothing: one line."""
    return visible(text.replace("\n", r"\n"))


def visible_pieces(pieces: Sequence[str]) -> list[str]:
    """The same for the pieces of one line, which can be styled apart; as many pieces."""
    whole = "".join(pieces)
    wanted = visible(whole)
    if wanted == whole:
        return list(pieces)
    first, *others = pieces
    apart = [visible(first), *(_UNSEEN.sub(_escape, piece) for piece in others)]
    # A command that begins in one piece and goes on in the next: the line counts more than its styles.
    return apart if "".join(apart) == wanted else [wanted, *[""] * (len(pieces) - 1)]


def visible_in_json(text: str) -> str:
    r"""A JSON document whose strings hold what they held, by escapes of JSON (`\u202e`)."""
    text = _UNSEEN.sub(_json_escape, text)
    return _ANYWHERE.sub(r"\\u0023", text) if "##" in text else text


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"
