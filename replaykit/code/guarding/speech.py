"""How a file names `workflow.patched`, and writes its texts."""

from __future__ import annotations

import libcst as cst

from replaykit.code.guarding.imports import imported_from, module_in, original_name, with_import
from replaykit.code.guarding.tree import Tree, parsed
from replaykit.code.guarding.writing import Speech

__all__ = ["speech_of", "with_speech"]


def speech_of(tree: Tree) -> Speech:
    """What a file calls `patched`, and the quotes that it uses more often.

    Args:
        tree: Of the head.
    """
    code = tree.module.code
    quote = "'" if code.count("'") > code.count('"') else '"'
    for name, statement in tree.bound.items():
        found = imported_from(statement, name)
        if found is not None:
            source, original = module_in(found), original_name(found, name)
            if (source, original) == ("temporalio", "workflow"):
                return Speech(patched=f"{name}.patched", quote=quote)
            if (source, original) == ("temporalio.workflow", "patched"):
                return Speech(patched=name, quote=quote)
    if "temporalio" in tree.bound and "import temporalio.workflow" in code:
        found_alias = _alias_of_import(tree)
        return Speech(patched=f"{found_alias or 'temporalio.workflow'}.patched", quote=quote)
    alias = _alias_of_import(tree)
    return Speech(patched=f"{alias}.patched" if alias else "workflow.patched", quote=quote)


def with_speech(module: cst.Module, speech: Speech) -> cst.Module:
    """A module that imports what it says.

    Args:
        module: With its guards.
        speech: How these are written.
    """
    root = speech.patched.split(".")[0]
    if root != "workflow" or root in Tree(module).bound:
        return module
    line = parsed("from temporalio import workflow\n")
    assert line is not None
    statement = line.module.body[0]
    assert isinstance(statement, cst.SimpleStatementLine)
    return with_import(module, statement, "workflow")


def _alias_of_import(tree: Tree) -> str | None:
    """What `import temporalio.workflow as ...` makes of it."""
    for name, statement in tree.bound.items():
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            for alias in small.names if isinstance(small, cst.Import) else ():
                if alias.asname is not None and alias.evaluated_name == "temporalio.workflow":
                    return name
    return None
