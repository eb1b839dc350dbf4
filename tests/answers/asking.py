"""Asks sessions questions without a command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from imgtar.answers.filters import Filter, Filtered
from imgtar.answers.session import EVERYTHING, Needs, Session
from imgtar.archive.input.source import parse_input
from imgtar.image.reader import open_images
from imgtar.limits import Meter

Content = TypeVar("Content")


def opened(path: Path, *, verify: bool = False) -> tuple[Session, Meter]:
    """A session that has read nothing but the catalog, and the meter that counts what it reads."""
    meter = Meter()
    return Session(open_images(parse_input(str(path)), meter, verify=verify)), meter


def all_findings(session: Session) -> Filtered:
    """The findings of what was read, none hidden."""
    return Filter().apply(session.findings)


def content_of(
    question: Callable[..., Content], archive: bytes, folder: Path, *, needs: Needs = EVERYTHING, **arguments: Any
) -> Content:
    """What the content function `question` says of an archive; `arguments` are those of its command."""
    path = folder / "image.tar"
    path.write_bytes(archive)
    session, _ = opened(path)
    session.read(needs)
    return question(session, all_findings(session), **arguments)
