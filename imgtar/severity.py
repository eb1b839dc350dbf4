"""The severities, in a module that costs nothing to import."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How much a reader should care, from a producer's habit to something that must not ship."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info up to 4 for critical."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}
