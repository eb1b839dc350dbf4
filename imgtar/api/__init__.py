"""The commands that report, as functions of Python: each takes sources and options, and returns a `Report`.

A source is a path (text or path-like, with skopeo's prefixes as on the command line), `-` for standard input, or a
file that is open for reading bytes. A seekable file object is read as a whole, wherever its position is, and has that
position again after each read; any other one, also one that decompresses (`gzip.open`), passes once, from where it is.
imgtar closes neither. Every function raises InputError where a source cannot be used, and UsageError where the question
does not fit it. Damage is not an error: it is among the findings of the report.
"""

from __future__ import annotations

from imgtar.api.commands import (
    audit,
    check,
    dockerfile,
    duplicates,
    find,
    history,
    ids,
    inspect,
    ls,
    packages,
    report,
    verify,
)
from imgtar.api.comparing import diff, shared
from imgtar.api.reports import InspectedReport, Report

__all__ = [
    "inspect",
    "history",
    "dockerfile",
    "ids",
    "ls",
    "find",
    "diff",
    "packages",
    "shared",
    "duplicates",
    "verify",
    "audit",
    "check",
    "report",
    "Report",
    "InspectedReport",
]
