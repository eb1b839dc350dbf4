"""The probe that searches every file of every layer for secrets as it passes."""

from __future__ import annotations

import time

import msgspec

from imgtar.audit.packaged import SearchedBody
from imgtar.audit.secrets.collector import LISTED, Secret, SecretCollector
from imgtar.audit.secrets.inside.search import ContentSearch, Ledger, Level, UnreadInside
from imgtar.audit.secrets.kinds import GENERIC
from imgtar.layer.probes import Topic
from imgtar.limits import Limits

_KEPT = 100_000  # secrets of an audit that are listed; beyond them each file lists one and counts the others


class FileSecrets(msgspec.Struct, frozen=True):
    """The secrets of a file by their line, and the digests of its content (`SearchedBody.digests`).

    `more` is the number of secrets that are not listed; `others`: there may be others, which are not counted. The
    last `unsearched` bytes of the file were not searched because of the limit `reached`. `unread` is the first place
    inside the file that could not be read, if any, and why.
    """

    secrets: tuple[Secret, ...]
    digests: tuple[bytes, ...]
    more: int = 0
    others: bool = False
    unsearched: int = 0
    reached: str = ""
    unread: UnreadInside | None = None

    @property
    def words_for_more(self) -> str:
        """The end of a sentence that says how many secrets are not listed, if any are not."""
        least = "at least " if self.others else ""
        return f"; the file holds {least}{self.more:,} more secrets that are not listed" if self.more else ""


FILE_SECRETS: Topic[FileSecrets] = Topic("file-secrets")


class SecretProbe:
    """Searches every file, for as long as the limit `secret-time` allows, up to `secret-file-bytes` of each.

    Only the time of the search counts, not the time in which the bytes arrive.
    """

    topic = FILE_SECRETS

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = float(limits.secret_time)
        self._kept = 0

    def wants(self, _path: bytes, _size: int, /) -> bool:
        return True

    def watch(self, path: bytes, size: int, /) -> FileSearch:
        self._limits.check_deadline()
        return FileSearch(self, path, size)

    @property
    def has_time(self) -> bool:
        """Is there any time left?"""
        return self._left > 0

    @property
    def file_bytes(self) -> int:
        """How many bytes of a file are searched."""
        return self._limits.secret_file_bytes

    @property
    def inside_bytes(self) -> int:
        """The bytes of the largest file that is kept as a whole."""
        return self._limits.inside_bytes

    def spend(self, seconds: float) -> None:
        """Subtracts the time of a search from the budget."""
        self._left -= seconds

    def listed(self, collector: SecretCollector) -> tuple[Secret, ...]:
        """The secrets of a file that are kept, by their line."""
        room = max(1, min(LISTED, _KEPT - self._kept))
        secrets = sorted(collector.listed[:room], key=lambda secret: (secret.inside, secret.line))
        self._kept += len(secrets)
        return tuple(secrets)


class FileSearch:
    """The search of one file; its time counts against the budget of the probe."""

    __slots__ = ("_body", "_collector", "_fed", "_ledger", "_probe", "_reached", "_search", "_size")

    def __init__(self, probe: SecretProbe, path: bytes, size: int) -> None:
        self._probe = probe
        self._size = size
        self._fed = 0
        self._reached = "" if probe.has_time else "secret-time"
        self._collector = SecretCollector(GENERIC.name)
        self._body = SearchedBody(size)
        self._ledger = Ledger(probe.inside_bytes)
        self._search = ContentSearch(path, size, self._collector, Level(self._ledger))

    def feed(self, chunk: bytes, /) -> bool:
        if self._reached:
            return False
        start = time.monotonic()
        room = self._probe.file_bytes - self._fed
        if len(chunk) > room:
            chunk, self._reached = chunk[:room], "secret-file-bytes"
        self._fed += len(chunk)
        self._body.feed(chunk)
        searches = self._search.feed(chunk)
        self._probe.spend(time.monotonic() - start)
        if not searches:
            self._reached = ""
            return False
        if not self._reached and self._fed < self._size and not self._probe.has_time:
            self._reached = "secret-time"
        return not self._reached

    def finish(self) -> FileSecrets | None:
        start = time.monotonic()
        self._search.finish()
        self._probe.spend(time.monotonic() - start)
        unsearched = self._size - self._fed if self._reached else 0
        if self._ledger.is_limited and not self._reached:
            unsearched, self._reached = self._size, "inside-bytes"
        # Where a limit cuts the file, its end is not damaged.
        unread = None if self._reached else self._ledger.unread(self._size)
        if not (self._collector.listed or unsearched or unread):
            return None
        secrets = self._probe.listed(self._collector)
        return FileSecrets(
            secrets,
            self._body.digests() if secrets else (),
            self._collector.count - len(secrets),
            self._collector.is_full,
            unsearched,
            self._reached,
            unread,
        )
