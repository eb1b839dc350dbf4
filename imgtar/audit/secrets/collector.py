"""The distinct secrets of one file or text, within bounded memory."""

from __future__ import annotations

import msgspec

from imgtar.audit.secrets.window import Window
from imgtar.audit.secrets.words import redacted

LISTED = 100  # secrets of one file that are reported one by one
DISTINCT = 10_000  # secrets of one file that are counted


class Secret(msgspec.Struct, frozen=True, gc=False):
    """A secret: the name of its kind, the text that may be shown of it, and its line, 0 where it is not known.

    `rules` are the ids of Kingfisher's rules that find it. Where they alone find it and all are of medium confidence,
    it is not `likely`. `inside` is the path inside a file that holds files: `!/` and a name for each level.
    """

    kind: str
    shown: str
    line: int
    rules: tuple[str, ...] = ()
    likely: bool = True
    inside: bytes = b""


class SecretCollector:
    """Takes the secrets of one text and keeps the first 100 distinct ones, of which it counts up to 10,000.

    Of one secret that is found as several kinds the first kind counts. A kind in `weak` gives way to any other.
    """

    __slots__ = ("_has_lines", "_places", "_weak", "inside", "listed")

    def __init__(self, *weak: str) -> None:
        self._weak = weak
        self._places: dict[int, int] = {}  # hash of a secret → its index in `listed`, were it long enough
        self.listed: list[Secret] = []
        self.inside = b""
        self._has_lines = True

    def within(self, inside: bytes, *, has_lines: bool = True) -> SecretCollector:
        """A collector for a file that is `inside` this one: what it takes is taken here, with that path."""
        collector = SecretCollector(*self._weak)
        collector._places, collector.listed = self._places, self.listed
        collector.inside, collector._has_lines = inside, has_lines
        return collector

    def add(self, kind: str, secret: bytes, window: Window, position: int, shown: str = "") -> None:
        """Takes the secret at a position of the window. Without `shown` its first characters may be shown."""
        if self.is_full:
            return
        place = self._places.setdefault(hash(secret), len(self._places))
        if place == len(self.listed) < LISTED:
            line = 0 if shown or not self._has_lines else window.line_of(position)
            self.listed.append(Secret(kind, shown or redacted(secret), line, inside=self.inside))
        elif place < len(self.listed) and self.listed[place].kind in self._weak and kind not in self._weak:
            self.listed[place] = msgspec.structs.replace(self.listed[place], kind=kind)

    @property
    def count(self) -> int:
        """The number of distinct secrets; where the collector is full there may be others."""
        return len(self._places)

    @property
    def is_full(self) -> bool:
        """Are as many secrets counted as are ever counted? Then the search may end."""
        return len(self._places) >= DISTINCT
