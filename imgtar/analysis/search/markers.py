"""What the markers of a layer hide, for many paths: one search in a sorted list for each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from imgtar.layer.scan import LayerScan


class Markers:
    """The whiteouts and opaque markers of a layer."""

    def __init__(self, scan: LayerScan | None) -> None:
        # With a slash behind it, a whiteout begins what it hides, and the directory of an opaque marker all but itself.
        self._whiteouts = _outermost(path + b"/" for path in scan.whiteouts) if scan is not None else []
        self._opaque = _outermost(path + b"/" if path else b"" for path in scan.opaque) if scan is not None else []

    def hide(self, path: bytes) -> bool:
        """Does a marker hide what lower layers have at a path?"""
        return _begins(self._whiteouts, path + b"/") or _begins(self._opaque, path)


def _outermost(beginnings: Iterable[bytes]) -> list[bytes]:
    """The beginnings, sorted, without those that begin with another one."""
    kept: list[bytes] = []
    for beginning in sorted(beginnings):
        if not kept or not beginning.startswith(kept[-1]):
            kept.append(beginning)
    return kept


def _begins(beginnings: list[bytes], text: bytes) -> bool:
    """Does `text` begin with one of these? Only the last one that is not behind it can be its beginning."""
    place = bisect_right(beginnings, text)
    return place > 0 and text.startswith(beginnings[place - 1])
