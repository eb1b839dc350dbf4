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
    it is not `likely`.
    """

    kind: str
    shown: str
    line: int
    rules: tuple[str, ...] = ()
    likely: bool = True


class SecretCollector:
    """Takes the secrets of one text and keeps the first 100 distinct ones, of which it counts up to 10,000.

    Of one secret that is found as several kinds the first kind counts. A kind in `weak` gives way to any other.
    """

    __slots__ = ("_places", "_weak", "listed")

    def __init__(self, *weak: str) -> None:
        self._weak = weak
        self._places: dict[int, int] = {}  # hash of a secret → its index in `listed`, were it long enough
        self.listed: list[Secret] = []

    def add(self, kind: str, secret: bytes, window: Window, position: int, shown: str = "") -> None:
        """Takes the secret at a position of the window. Without `shown` its first characters may be shown."""
        if self.is_full:
            return
        place = self._places.setdefault(hash(secret), len(self._places))
        if place == len(self.listed) < LISTED:
            line = 0 if shown else window.line_of(position)
            self.listed.append(Secret(kind, shown or redacted(secret), line))
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
