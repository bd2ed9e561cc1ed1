"""The JSON reports against the schemas that come with the package."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

import jsonschema
from referencing import Registry, Resource

__all__ = ["SCHEMAS", "checked"]

SCHEMAS = {
    "replay": "report.schema.json",
    "gate": "gate.schema.json",
    "explore": "explore.schema.json",
    "patches": "patches.schema.json",
    "fix": "fix.schema.json",
}
"""By what a report calls itself, its schema."""


def checked(text: str | bytes, name: str) -> Any:
    """A JSON report as data, after it was compared with its schema.

    Args:
        text: The report.
        name: Which report it has to be.
    """
    data = json.loads(text)
    assert (data["report"], data["format_version"]) == (name, 1)
    _validator(name).validate(data)
    return data


@cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    registry: Registry[Any] = Registry().with_resources(
        (file, Resource.from_contents(_schema(file))) for file in SCHEMAS.values()
    )
    schema = _schema(SCHEMAS[name])
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, registry=registry)


def _schema(file: str) -> Any:
    return json.loads(resources.files("replaykit.report").joinpath(file).read_text(encoding="utf-8"))
