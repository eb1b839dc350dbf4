"""Where the image comes from, as far as it tells: its base and the time of its creation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from imgtar.audit.secrets.redaction import redact_text
from imgtar.findings import Finding, Kind, Severity
from imgtar.image.image import Image

BASE = Kind(
    code="supply.base",
    severity=Severity.INFO,
    sentence="the base image is {name}, by {source}",
    meaning="What labels, annotations or the history say of the base image; nothing proves it.",
    remedy="Nothing.",
)
NOT_DATED = Kind(
    code="supply.no-time",
    severity=Severity.INFO,
    sentence="the time of creation is {created}: none, or that of a reproducible build",
    meaning="The image does not tell when it was built.",
    remedy="Nothing, if it was built reproducibly.",
)
FUTURE = Kind(
    code="supply.future",
    severity=Severity.LOW,
    sentence="the time of creation {created} lies in the future",
    meaning="The image claims to be built after the day it is judged on.",
    remedy="Check the clock of the builder.",
)
KINDS = (BASE, NOT_DATED, FUTURE)
_FROM = re.compile(r"FROM (\S{1,300})")
_UNDATED = ("", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z")


def supply_chain(image: Image, judged_on: date) -> Iterator[Finding]:
    """The findings lack the image."""
    labels = {**image.record.annotations, **image.execution.labels}
    base = labels.get("org.opencontainers.image.base.name")
    if base:
        yield BASE.at(name=redact_text(base), source="a label or annotation")
    else:
        for step in image.pairing.steps:
            named = _FROM.match(step.entry.comment or "")
            if named:
                yield BASE.at(name=redact_text(named[1]), source="the history")
                break
    created = None if image.record.config is None else image.record.config.created
    if (created or "") in _UNDATED:
        yield NOT_DATED.at(created=created or "not stated")
    elif created is not None and _is_after(created, judged_on):
        yield FUTURE.at(created=created)


def _is_after(created: str, judged_on: date) -> bool:
    """Does the moment lie behind the end of the day, in UTC?"""
    try:
        moment = datetime.fromisoformat(created)
        utc = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return False
    return utc.date() > judged_on
