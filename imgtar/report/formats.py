"""The formats of each command: name → where its renderer lives, imported only when it is used.

A new format joins with one line here; the command line offers it and the test suites of all formats run it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgtar.contract.content import Renderer

TERMINAL = "table"  # the one format that depends on the terminal

RENDERERS: dict[str, dict[str, str]] = {
    "inspect": {
        TERMINAL: "imgtar.report.table.inspect:inspect",
        "json": "imgtar.report.json_document:inspect",
        "jsonl": "imgtar.report.json_lines:inspect",
        "markdown": "imgtar.report.markdown.inspect:inspect",
        "csv": "imgtar.report.csv_tables:changes",
        "csv-layers": "imgtar.report.csv_tables:layers",
        "sarif": "imgtar.report.sarif:inspect",
        "html": "imgtar.report.html.inspect:inspect",
    },
    "history": {
        TERMINAL: "imgtar.report.table.history:history",
        "json": "imgtar.report.json_document:whole",
    },
    "ids": {
        TERMINAL: "imgtar.report.table.ids:ids",
        "json": "imgtar.report.json_document:whole",
    },
    "ls": {
        TERMINAL: "imgtar.report.table.ls:ls",
        "json": "imgtar.report.json_document:ls",
    },
    "verify": {
        TERMINAL: "imgtar.report.table.verify:verify",
        "json": "imgtar.report.json_document:verify",
        "markdown": "imgtar.report.markdown.inspect:inspect",
        "sarif": "imgtar.report.sarif:inspect",
        "html": "imgtar.report.html.inspect:inspect",
    },
    "audit": {
        TERMINAL: "imgtar.report.table.audit:audit",
        "json": "imgtar.report.json_document:whole",
        "jsonl": "imgtar.report.json_lines:audit",
        "markdown": "imgtar.report.markdown.audit:audit",
        "html": "imgtar.report.html.audit:audit",
        "sarif": "imgtar.report.sarif:audit",
        "csv": "imgtar.report.csv_tables:findings",
    },
    "rules": {
        TERMINAL: "imgtar.report.table.audit:rules",
        "json": "imgtar.report.json_document:whole",
    },
    "check": {
        TERMINAL: "imgtar.report.table.check:check",
        "json": "imgtar.report.json_document:whole",
        "jsonl": "imgtar.report.json_lines:check",
        "markdown": "imgtar.report.markdown.check:check",
        "html": "imgtar.report.html.check:check",
        "csv": "imgtar.report.csv_tables:rules",
        "junit": "imgtar.report.junit:check",
        "sarif": "imgtar.report.sarif:check",
    },
    "schema": {
        "json": "imgtar.contract.schema:render",
    },
}


def default_format(command: str) -> str:
    """What a command prints when nobody asks for another format: its first."""
    return next(iter(RENDERERS[command]))


def renderer(command: str, name: str) -> Renderer:
    """The renderer of a format that `command` has."""
    module, function = RENDERERS[command][name].split(":")
    found: Renderer = getattr(import_module(module), function)
    return found
