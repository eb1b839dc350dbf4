"""By what an audit judges: the day, and the ignore file."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

import click

from imgtar.answers.audit import Judgement
from imgtar.cli.request import Request
from imgtar.errors import UsageError
from imgtar.policy.ignores import IGNORE_FILE, Ignore, parse_ignores

_LARGEST = 1 << 20


def judgement(request: Request, config: str | None = None) -> Judgement:
    """The day of `SOURCE_DATE_EPOCH`, else today, and the ignore file that is named or in the current directory.

    `config` is the name of the configuration file that was read. Raises UsageError for what is none.
    """
    name = request.ignore_file
    if name is None and os.path.lexists(IGNORE_FILE):
        name = IGNORE_FILE
    ignores = () if name is None else _ignores(name)
    return Judgement(judged_on=_day(), config=config, ignore_file=name, ignores=ignores)


def _day() -> date:
    """Reproducible Builds' SOURCE_DATE_EPOCH: seconds since 1970, UTC."""
    stated = os.environ.get("SOURCE_DATE_EPOCH")
    if not stated:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(stated), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {stated!r}: no seconds since 1970; unset or mend it") from None


def _ignores(name: str) -> tuple[Ignore, ...]:
    from imgtar.answers.catalogue import kinds

    try:
        with open(name, "rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise UsageError("usage.ignore-file", f"{name}: {reason}", "name a file that can be read") from None
    if len(raw) > _LARGEST:
        raise UsageError("usage.ignore-file", f"{name}: larger than {_LARGEST:,} bytes", "name an ignore file")
    return parse_ignores(name, raw, kinds())
