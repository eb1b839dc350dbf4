"""CSV of `find`: one row for each event of a path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.file_content import FindContent
from imgtar.contract.files import Event
from imgtar.report.csv.damage import damage_rows
from imgtar.report.csv.rows import Value, cell, encoded_rows, stored_cell

MATCHES = (
    "path", "state", "via", "layer", "instruction", "kind", "why", "type", "size", "mode", "uid", "gid", "mtime",
    "link", "previous_layer", "sha256", "note",
)  # fmt: skip


def matches(content: FindContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per event of each path that was found."""
    return encoded_rows(_match_rows(content))


def _match_rows(content: FindContent) -> Iterator[Sequence[Value]]:
    yield MATCHES
    yield from damage_rows(content.document.findings, MATCHES)
    for match in content.matches():
        path = stored_cell(match.path, match.path_b64)
        via = stored_cell(match.via, match.via_b64)
        if not match.events:
            yield (path, match.state, via, *[None] * (len(MATCHES) - 3))
        for event in match.events:
            yield (path, match.state, via, event.layer, cell(event.instruction), *_event(event))


def _event(event: Event) -> Sequence[Value]:
    link = stored_cell(event.link, event.link_b64)
    return (
        event.kind,
        None if event.why is None else " ".join(event.why) or "nothing",
        event.type,
        event.size,
        event.mode,
        event.uid,
        event.gid,
        event.mtime,
        link,
        event.previous_layer,
        event.sha256,
        "has the text" if event.contains else "implied" if event.implied else None,
    )
