"""The search of one file and of what is inside it: as text, as a credential file, and file by file."""

from __future__ import annotations

from typing import Protocol

import msgspec

from imgtar.audit.secrets.collector import SecretCollector
from imgtar.audit.secrets.credential_files.reader import LARGEST_BY_STRUCTURE, CredentialReader, is_credential_file
from imgtar.audit.secrets.inside.inflow import Entry, Inflow, Unread
from imgtar.audit.secrets.inside.sniff import HEAD, TAR, Container, Values, what_is_inside
from imgtar.audit.secrets.search import SecretSearch, may_hold_secrets
from imgtar.formats.tar.path import clean
from imgtar.limits import RATIO_ALARM, RATIO_ALARM_BYTES

DEPTH = 2  # files in files in a file
_SUFFIXES = (b".gz", b".xz", b".bz2", b".tgz", b".txz", b".tbz2")
_EXPANDS = f"expands more than {RATIO_ALARM} times"
_TOO_LARGE = f"larger than the {LARGEST_BY_STRUCTURE >> 20} MiB of a credential file"
_TOO_DEEP = f"nested more than {DEPTH} deep"


class UnreadInside(msgspec.Struct, frozen=True):
    """What is inside a file of `size` bytes and could not be read: the first of it, why not, and how much there is."""

    size: int
    inside: bytes
    reason: str
    count: int


class Ledger:
    """What is common to a file and all that is inside it: how much it expands, and what could not be read."""

    __slots__ = ("_first", "_made", "_unread", "fed", "is_limited", "kept")

    def __init__(self, kept: int) -> None:
        self.kept = kept  # bytes of the largest file whose reader takes it as a whole
        self.fed = 0  # bytes of the file
        self._made = 0  # bytes inside, of every level
        self._first: Unread | None = None
        self._unread = 0
        self.is_limited = False  # whether a file was larger than `kept`

    def expand(self, size: int) -> bool:
        """Counts bytes that came out of the file; False where it expands too much to be an honest file."""
        self._made += size
        return self._made <= max(RATIO_ALARM_BYTES, RATIO_ALARM * self.fed)

    def note(self, reason: str, inside: bytes) -> None:
        """Something inside could not be read."""
        self._first = self._first or Unread(reason, inside)
        self._unread += 1

    def unread(self, size: int) -> UnreadInside | None:
        """What could not be read of a file of this size."""
        first = self._first
        return None if first is None else UnreadInside(size, first.name, first.reason, self._unread)


class Level(msgspec.Struct, frozen=True):
    """Where a file stands: `depth` files around it, the last of which is compressed or not."""

    ledger: Ledger
    depth: int = 0
    is_unpacked: bool = False


def is_of_interest(path: bytes, body: bytes) -> bool:
    """May a `ContentSearch` find anything in a whole file of at most 256 KiB? False is certain."""
    return is_credential_file(path, body) or what_is_inside(body[:HEAD]) is not None or may_hold_secrets(path, body)


class _Search(Protocol):
    def feed(self, chunk: bytes, /) -> bool: ...
    def finish(self) -> None: ...


class ContentSearch:
    """The search of one file whose bytes come in pieces. The collector takes the secrets."""

    __slots__ = ("_collector", "_credentials", "_head", "_level", "_path", "_reads", "_search")

    def __init__(self, path: bytes, collector: SecretCollector, level: Level) -> None:
        self._path = path
        self._collector = collector
        self._level = level
        self._credentials = CredentialReader(path, collector)
        self._reads = True
        self._head: bytes | None = b""  # None once it is known what is inside
        self._search: _Search | None = None  # None where no more bytes are needed

    def feed(self, chunk: bytes, /) -> bool:
        """Takes the next bytes; False if no more are needed."""
        if not self._level.depth:
            self._level.ledger.fed += len(chunk)
        self._reads = self._reads and self._credentials.feed(chunk)
        if self._head is not None:
            self._head += chunk
            if len(self._head) >= HEAD:
                self._begin(self._head)
            return True
        if self._search is not None and not self._search.feed(chunk):
            self._search.finish()
            self._search = None
        return self._search is not None or self._reads

    def finish(self) -> None:
        """Searches the rest of the bytes that were fed."""
        if self._head:
            self._begin(self._head)
        if self._search is not None:
            self._search.finish()
        self._credentials.finish()
        if self._credentials.is_too_large:
            self._level.ledger.note(_TOO_LARGE, self._collector.inside)

    def _begin(self, head: bytes) -> None:
        self._head = None
        self._search = self._search_of(what_is_inside(head[:HEAD]))
        if self._search is not None and not self._search.feed(head):
            self._search.finish()
            self._search = None

    def _search_of(self, form: Container | Values | None) -> _Search | None:
        level = self._level
        if form is None:
            return SecretSearch(self._path, self._collector)
        if isinstance(form, Values):
            return _ValuesSearch(form, self._collector, level.ledger)
        # A compressed tar is one level: its content has no other name.
        depth = level.depth if form is TAR and level.is_unpacked else level.depth + 1
        if depth > DEPTH:
            level.ledger.note(_TOO_DEEP, self._collector.inside)
            return None
        inner = Level(level.ledger, depth, is_unpacked=form.is_compressed)
        return _ContainerSearch(form, self._path, self._collector, inner)


class _ValuesSearch:
    """The search of the texts in a file whose reader takes it as a whole."""

    __slots__ = ("_collector", "_form", "_ledger", "_pieces", "_size")

    def __init__(self, form: Values, collector: SecretCollector, ledger: Ledger) -> None:
        self._form = form
        self._collector = collector
        self._ledger = ledger
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes, /) -> bool:
        self._size += len(chunk)
        if self._size > self._ledger.kept:
            self._pieces.clear()
            return False
        self._pieces.append(chunk)
        return True

    def finish(self) -> None:
        if self._size > self._ledger.kept:
            self._ledger.is_limited = True
            return
        body = b"".join(self._pieces)
        self._pieces.clear()
        search = SecretSearch(b"", self._collector.within(self._collector.inside, has_lines=False))
        for value in self._form.read(body):
            if isinstance(value, Unread):
                self._ledger.note(value.reason, self._collector.inside)
            else:
                search.feed(b"\n" + value.replace(b"\0", b"\n"))
        search.finish()


class _ContainerSearch:
    """The search of the files in a file, one after the other."""

    __slots__ = ("_collector", "_events", "_form", "_inflow", "_inner", "_is_over", "_label", "_level", "_name",
                 "_path")  # fmt: skip

    def __init__(self, form: Container, path: bytes, collector: SecretCollector, level: Level) -> None:
        self._form = form
        self._path = path
        self._collector = collector
        self._level = level
        self._inflow = Inflow()
        self._events = form.read(self._inflow)
        self._is_over = False
        self._name = self._label = b""  # of the current file: its path, and where it is inside the outermost file
        self._inner: ContentSearch | None = None  # of the current file, once it has a byte

    def feed(self, chunk: bytes, /) -> bool:
        if not self._is_over:
            self._inflow.push(chunk)
            self._read()
        return True  # whoever takes the digest of the file needs all of it

    def finish(self) -> None:
        self._inflow.end()
        self._read()
        self._close()

    def _read(self) -> None:
        """Follows the reader as far as the bytes at hand allow."""
        for event in self._events:
            if event is None:
                return
            if isinstance(event, Entry):
                self._close()
                self._open(event.name)
            elif isinstance(event, Unread):
                self._level.ledger.note(event.reason, self._label_of(event.name) if event.name else self._label)
            elif self._level.ledger.expand(len(event)):
                self._take(event)
            else:
                self._level.ledger.note(_EXPANDS, self._label)
                self._events.close()
        self._is_over = True

    def _label_of(self, name: bytes) -> bytes:
        return self._collector.inside + b"!/" + clean(name)

    def _open(self, name: bytes) -> None:
        if self._form.is_compressed:
            stem = self._path.rpartition(b".")
            self._name = stem[0] if stem[1] + stem[2].lower() in _SUFFIXES else self._path
            self._label = self._collector.inside
        else:
            self._name, self._label = clean(name), self._label_of(name)

    def _take(self, piece: bytes) -> None:
        if self._inner is None:
            self._inner = ContentSearch(self._name, self._collector.within(self._label), self._level)
        self._inner.feed(piece)

    def _close(self) -> None:
        """The current file ends."""
        if self._inner is not None:
            self._inner.finish()
        self._inner = None
