"""The exit codes (contract.md section 3), decided here alone."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """What each exit code means; documented in docs/exit-codes.md, which a test compares."""

    OK = 0
    GATE = 1
    USAGE = 2
    INPUT = 3
    DAMAGED = 4
    LIMIT = 5
    OUTPUT = 6
    BUG = 70
    INTERRUPTED = 130
    CLOSED = 141
    TERMINATED = 143


# Of several exit codes the first one counts.
_PRECEDENCE = (Exit.BUG, Exit.USAGE, Exit.INPUT, Exit.OUTPUT, Exit.DAMAGED, Exit.LIMIT, Exit.GATE, Exit.OK)


def worst(codes: Iterable[int]) -> Exit:
    """The exit code of a run over several archives, from those of the archives."""
    found = set(codes)
    return next((code for code in _PRECEDENCE if code in found), Exit.OK)


def exit_code(effects: Iterable[str], *, gate_failed: bool = False) -> Exit:
    """The exit code of a run that wrote its report, from the effects of all findings, shown or not, and the gates."""
    found = set(effects)
    if found & {"incomplete", "inconsistent"}:
        return Exit.DAMAGED
    if "limit" in found:
        return Exit.LIMIT
    return Exit.GATE if gate_failed else Exit.OK
