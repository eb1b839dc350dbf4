"""The rows of a layer's changes as JSON: those of ordinary entries are written by the compiled code, many at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from imgtar.answers.rows import change_row, change_rows
from imgtar.contract.inspect import Change
from imgtar.filesystem.changes import NO_CHANGES, LayerChanges
from imgtar.formats.tar import ExactMember
from imgtar.formats.tar.ordinary import CompiledWalker, compiled
from imgtar.layer.scan import LayerScan
from imgtar.report.batches import ROWS, batches
from imgtar.text import disarm_json

_ENCODER = msgspec.json.Encoder()
# What stands around the values of an added file's row, by a row whose values are known, and behind the path of an
# implied directory.
_SAMPLE = Change(
    path="/PATH", kind="added", type="file", size=1111, mode="MODE", uid=2222, gid=3333, mtime=4444, link="LINK"
)
_IMPLIED = _ENCODER.encode(change_row(b"PATH", NO_CHANGES, {}))
_PARTS = (
    *re.split(rb"PATH|file|1111|MODE|2222|3333|4444|LINK", _ENCODER.encode(_SAMPLE)),
    b"}",
    _IMPLIED.partition(b"PATH")[2],
)
# Bytes that JSON holds as they are; `#` may begin a command of a CI runner (`disarm_json`).
_PLAIN = bytes(0x20 <= byte <= 0x7E and byte not in b'"\\#' for byte in range(256))


def encoded_change_rows(changes: LayerChanges, scan: LayerScan | None) -> Iterator[bytes]:
    """The rows of `change_rows` as JSON, many in a piece, with commas between the rows of a piece."""
    if compiled is not None and scan is not None:
        yield from _mostly_compiled(compiled, changes, scan)
        return
    yield from map(_encoded, batches(change_rows(changes, scan)))


def _mostly_compiled(walker: CompiledWalker, changes: LayerChanges, scan: LayerScan) -> Iterator[bytes]:
    special = {*changes.modified, *changes.deleted, *changes.linked}
    paths = sorted((*changes.added, *changes.modified, *changes.deleted))
    position = 0
    while position < len(paths):
        stop = min(position + ROWS, len(paths))
        text, odd = walker.rows(paths, position, stop, scan.entries, special, _PARTS, _PLAIN)
        if text:
            yield text
        position = odd
        # The path where the compiled code stopped, and those behind it where it would stop, too.
        while position < stop and (position == odd or _is_odd(paths[position], scan, special)):
            position += 1
        if position > odd:
            yield _encoded([change_row(path, changes, scan.entries) for path in paths[odd:position]])


def _is_odd(path: bytes, scan: LayerScan, special: set[bytes]) -> bool:
    return path in special or isinstance(scan.entries.get(path), ExactMember)


def _encoded(rows: list[Change]) -> bytes:
    return disarm_json(_ENCODER.encode(rows)[1:-1])
