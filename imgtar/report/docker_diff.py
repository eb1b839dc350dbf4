"""What `docker diff` prints about a container: `A`, `C` or `D` and a path, one a line, sorted by the bytes of the path.

As docker does, a directory in which something changed is a change, and of a directory that is gone only its own path is
listed. A moved file is one that is gone and one that is new.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.diff import ComparedPair, DiffContent
from imgtar.report.batches import batches
from imgtar.text import escape

_LONGEST = 4096  # bytes, PATH_MAX of Linux; no engine reaches a longer path, and its parents may be very many
_LETTERS = {"added": "A", "moved": "A", "modified": "C", "deleted": "D"}


def diff(content: DiffContent, settings: TextSettings) -> Iterator[bytes]:
    """The paths of all pairs, one pair after the other; a name with a line break stays on its line, escaped."""
    lines = (
        f"{letter} {escape(path, ascii_only=not settings.unicode)}\n".encode()
        for pair in content.pairs
        for path, letter in sorted(_changes(pair).items())
    )
    return map(b"".join, batches(lines))


def _changes(pair: ComparedPair) -> dict[bytes, str]:
    changes: dict[bytes, str] = {}
    for row in pair.files():
        changes[_raw(row.path, row.path_b64)] = _LETTERS[row.kind]
        if row.moved_from is not None:
            changes.setdefault(_raw(row.moved_from, row.moved_from_b64), "D")
    gone = {path for path, letter in changes.items() if letter == "D"}
    for path in list(changes):
        above = _above(path)
        if path in gone and above in gone:
            del changes[path]
            continue
        while above and len(path) <= _LONGEST and above not in changes:
            changes[above] = "C"
            above = _above(above)
    return changes


def _above(path: bytes) -> bytes:
    return path[: path.rfind(b"/")]


def _raw(text: str, b64: str | None) -> bytes:
    return text.encode() if b64 is None else b64decode(b64)
