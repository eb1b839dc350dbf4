"""The JSON Schema (2020-12) of each command's JSON, generated from the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from imgtar.contract import commands as documents
from imgtar.contract import inspect as model
from imgtar.contract.content import View

DOCUMENTS: dict[str, type[msgspec.Struct]] = {
    "inspect": model.InspectReport,
    "history": documents.HistoryReport,
    "ids": documents.IdsReport,
    "ls": documents.LsReport,
    "verify": model.VerifyReport,
    "audit": documents.AuditReport,
    "rules": documents.RulesReport,
    "check": documents.CheckReport,
}


def schema(command: str) -> dict[str, Any]:
    """The schema of what `imgtar COMMAND --format json` prints: its report, or the error where there is none."""
    documents = (DOCUMENTS[command], model.ErrorReport)
    references, components = msgspec.json.schema_components(documents, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"imgtar {command}",
        "anyOf": list(references),
        "$defs": components,
    }


def render(command: str, _view: View) -> Iterator[bytes]:
    """The schema as text, indented."""
    yield msgspec.json.format(msgspec.json.encode(schema(command)), indent=2)
    yield b"\n"
