"""Formatted strings whose values are known."""

from __future__ import annotations

import libcst as cst

from replaykit.code.guarding.texts import code_of

__all__ = ["with_texts_in"]


def with_texts_in(node: cst.FormattedString) -> cst.SimpleString | cst.FormattedString | None:
    """A formatted string with its literal values as part of its text; a plain one where nothing else is left.

    Args:
        node: It.

    Returns:
        None where a value has the quotes of the string itself: no Python before 3.12 reads that.
    """
    other = "'" if node.quote[0] == '"' else '"'
    parts = [_text(part, node.quote) or part.visit(_Quoting(other)) for part in node.parts]
    rest = [part for part in parts if isinstance(part, cst.FormattedStringExpression)]
    if any(node.quote[0] in code_of(part.expression) for part in rest):
        return None
    if rest:
        return node.with_changes(parts=parts)
    text = "".join(part.value for part in parts if isinstance(part, cst.FormattedStringText))
    prefix = node.prefix.replace("f", "").replace("F", "")
    return cst.SimpleString(f"{prefix}{node.quote}{text.replace('{{', '{').replace('}}', '}')}{node.quote}")


class _Quoting(cst.CSTTransformer):
    """Gives plain strings other quotes, where that changes nothing else of them."""

    def __init__(self, quote: str) -> None:
        super().__init__()
        self._quote = quote

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        text = original_node.raw_value
        if "'" in text or '"' in text or "\\" in text or len(original_node.quote) > 1:
            return updated_node
        return updated_node.with_changes(value=f"{original_node.prefix}{self._quote}{text}{self._quote}")


def _text(part: cst.BaseFormattedStringContent, quote: str) -> cst.FormattedStringText | None:
    """A literal value as text; None for any other, and for one that has to be escaped."""
    if not isinstance(part, cst.FormattedStringExpression):
        return None
    if part.conversion is not None or part.format_spec is not None or part.equal is not None:
        return None
    value = part.expression.evaluated_value if isinstance(part.expression, cst.SimpleString) else None
    if isinstance(part.expression, cst.Integer):
        value = str(part.expression.evaluated_value)
    if not isinstance(value, str) or not value.isprintable() or quote[0] in value or "\\" in value:
        return None
    return cst.FormattedStringText(value.replace("{", "{{").replace("}", "}}"))
