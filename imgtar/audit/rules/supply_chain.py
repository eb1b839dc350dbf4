"""Where the image comes from, by its own statements: the base image and the creation time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from imgtar.findings import Finding, Kind, Severity
from imgtar.image.image import Image

BASE = Kind(
    code="supply.base",
    severity=Severity.INFO,
    sentence="the base image is {name} according to {source}",
    meaning="Labels, annotations or the history name a base image. Nothing proves that the name is right.",
    remedy="No action is needed.",
)
NOT_DATED = Kind(
    code="supply.no-time",
    severity=Severity.INFO,
    sentence="the creation time is {created}: unknown, or fixed by a reproducible build",
    meaning="The image does not say when it was built.",
    remedy="No action is needed if the build is reproducible.",
)
FUTURE = Kind(
    code="supply.future",
    severity=Severity.LOW,
    sentence="the creation time {created} is in the future",
    meaning="The image states a creation time after the day of the audit.",
    remedy="Check the clock of the build machine.",
)
KINDS = (BASE, NOT_DATED, FUTURE)
_FROM = re.compile(r"FROM (\S{1,300})")
_UNDATED = ("", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z")


def supply_chain_findings(image: Image, judged_on: date) -> Iterator[Finding]:
    """The findings lack the number of the image. `judged_on` is the day of the audit, in UTC."""
    labels = {**image.record.annotations, **image.execution.labels}
    base = labels.get("org.opencontainers.image.base.name")
    if base:
        yield BASE.at(name=base, source="a label or annotation")
    else:
        for step in image.pairing.steps:
            match = _FROM.match(step.entry.comment or "")
            if match:
                yield BASE.at(name=match[1], source="the history")
                break
    created = None if image.record.config is None else image.record.config.created
    if (created or "") in _UNDATED:
        yield NOT_DATED.at(created=created or "not stated")
    elif created is not None and _is_after(created, judged_on):
        yield FUTURE.at(created=created)


def _is_after(created: str, judged_on: date) -> bool:
    """Is the time after the end of the day, in UTC?"""
    try:
        time = datetime.fromisoformat(created)
        utc = time.astimezone(UTC) if time.tzinfo else time
    except (ValueError, OverflowError):
        return False
    return utc.date() > judged_on
