"""Findings as an audit may print them: what a sentence quotes of the configuration has no secret of a known kind."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from imgtar.answers.filters import Filtered
from imgtar.audit.secrets.redaction import redact_known
from imgtar.contract.inspect import FindingRow

_QUOTES_CONTENT = "account."  # findings of this family name users, which stand in a file


def redacted_findings(found: Filtered) -> Filtered:
    """The same findings; sentences about a path stay, since the path is what they are about."""
    return Filtered(_rows(found.shown), _rows(found.hidden), found.by_rule)


def _rows(rows: Iterable[FindingRow]) -> list[FindingRow]:
    return [
        row
        if row.where.path is not None and not row.code.startswith(_QUOTES_CONTENT)
        else msgspec.structs.replace(row, message=redact_known(row.message))
        for row in rows
    ]
