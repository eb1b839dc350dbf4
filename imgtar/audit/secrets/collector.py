"""The distinct secrets of one file or text, within bounded memory."""

from __future__ import annotations

import sys

import msgspec

from imgtar.audit.secrets.sample_keys import SAMPLE_KEY, published_in
from imgtar.audit.secrets.window import Window
from imgtar.audit.secrets.words import redacted


class Secret(msgspec.Struct, frozen=True, gc=False):
    """A secret: the name of its kind, the text that may be shown of it, and its line, 0 where it is not known.

    `rules` are the ids of Kingfisher's rules that find it. Where they alone find it and all are of medium confidence,
    it is not `likely`. `inside` is the path inside a file that holds files: `!/` and a name for each level. The
    `fingerprint` is the hash of the secret: two that are shown alike differ in it.
    """

    kind: str
    shown: str
    line: int
    rules: tuple[str, ...] = ()
    likely: bool = True
    inside: bytes = b""
    fingerprint: int = 0


class SecretRoom:
    """How many secrets an audit may list. All its searches share it."""

    __slots__ = ("_left", "is_full")

    def __init__(self, secrets: int) -> None:
        self._left = secrets
        self.is_full = False  # whether a secret found no place: the searches may end

    def take(self) -> bool:
        """Takes a place for one secret; False where none is left."""
        self._left -= 1
        self.is_full = self._left < 0
        return not self.is_full

    def has(self, secrets: int) -> bool:
        """Are places for so many secrets left?"""
        return not self.is_full and self._left >= secrets


class SecretCollector:
    """Takes the distinct secrets of one text, while there is `room`; without one, all of them.

    Of one secret that is found as several kinds the first kind counts. A kind in `weak` gives way to any other.
    """

    __slots__ = ("_has_lines", "_places", "_room", "_weak", "inside", "listed")

    def __init__(self, *weak: str, room: SecretRoom | None = None) -> None:
        self._weak = weak
        self._room = SecretRoom(sys.maxsize) if room is None else room
        self._places: dict[int, int] = {}  # hash of a secret → its index in `listed`
        self.listed: list[Secret] = []
        self.inside = b""
        self._has_lines = True

    def within(self, inside: bytes, *, has_lines: bool = True) -> SecretCollector:
        """A collector for a file that is `inside` this one: what it takes is taken here, with that path."""
        collector = SecretCollector(*self._weak, room=self._room)
        collector._places, collector.listed = self._places, self.listed
        collector.inside, collector._has_lines = inside, has_lines
        return collector

    def add(self, kind: str, secret: bytes, window: Window, position: int, shown: str = "") -> None:
        """Takes the secret at a position of the window. Without `shown` its first characters may be shown."""
        fingerprint = hash(secret)
        place = self._places.get(fingerprint)
        if place is not None:
            if self.listed[place].kind in self._weak and kind not in self._weak:
                self.listed[place] = msgspec.structs.replace(self.listed[place], kind=kind)
        elif self._room.take():
            self._places[fingerprint] = len(self.listed)
            line = 0 if shown or not self._has_lines else window.line_of(position)
            words = shown or redacted(secret)
            if (software := published_in(kind, secret)) is not None:
                kind, words = SAMPLE_KEY, f"it stands in the tests of {software}"
            self.listed.append(Secret(kind, words, line, inside=self.inside, fingerprint=fingerprint))

    @property
    def is_full(self) -> bool:
        """Is there no room for another secret? Then the search may end."""
        return self._room.is_full
