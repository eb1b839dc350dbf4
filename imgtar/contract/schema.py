"""The JSON Schema (2020-12) of each command's JSON, generated from the types of the contract."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.envelope import ErrorReport


def schema(name: str, document: type[msgspec.Struct], *, printed: bool = True) -> dict[str, object]:
    """The schema of the JSON under this name: a `document`, or where one is printed, the error that takes its place."""
    types = (document, ErrorReport) if printed else (document,)
    references, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"imgtar {name}",
        "anyOf": list(references),
        "$defs": {name: _unindented(component) for name, component in components.items()},
    }


def _unindented(component: dict[str, Any]) -> dict[str, Any]:
    """A component whose description has no indentation, whatever the versions of msgspec and Python leave of it."""
    described = component.get("description")
    return component if described is None else {**component, "description": inspect.cleandoc(described)}


def render(content: dict[str, object], _settings: TextSettings) -> Iterator[bytes]:
    """The schema as text, indented."""
    yield msgspec.json.format(msgspec.json.encode(content), indent=2)
    yield b"\n"
