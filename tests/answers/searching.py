"""Searches archives in tests, as `find` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from imgtar.analysis.search.query import Query, parse_patterns
from imgtar.answers.filters import Filter
from imgtar.answers.find import find_content
from imgtar.answers.opening import open_session
from imgtar.answers.options import InspectOptions
from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.contract.file_content import FindContent
from imgtar.contract.files import Match
from imgtar.limits import DEFAULT, Limits


def searched(
    archive: bytes | Path,
    folder: Path,
    *patterns: str,
    limits: Limits = DEFAULT,
    image: str | None = None,
    **asked: Any,
) -> tuple[Session, FindContent]:
    """What a search says of an archive, and the session that it leaves; `asked` are fields of `Query`."""
    path = archive if isinstance(archive, Path) else folder / "image.tar"
    if isinstance(archive, bytes):
        path.write_bytes(archive)
    query = Query(patterns=parse_patterns(patterns), **asked)
    session = open_session(path, InspectOptions(limits=limits, image=image, search=query))
    view = View(layer=query.layer, upto=query.upto)
    session.read(view.needs)
    return session, find_content(session, Filter().apply(session.findings), view)


def matches(archive: bytes | Path, folder: Path, *patterns: str, **asked: Any) -> dict[str, Match]:
    """The matches of a search by their path."""
    return {match.path: match for match in searched(archive, folder, *patterns, **asked)[1].matches()}


def story(match: Match) -> list[str]:
    """`0 added`, `2 modified` and so on."""
    return [f"{event.layer} {event.kind}" for event in match.events]


def facts(row: msgspec.Struct) -> dict[str, Any]:
    """What a change, an event or an entry says of a version of a path."""
    names = ("type", "size", "mode", "uid", "gid", "mtime", "mtime_ns", "link", "link_b64", "implied", "device")
    return {name: getattr(row, name) for name in names}
