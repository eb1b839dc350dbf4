"""The probe that searches every file of every layer for secrets as it passes."""

from __future__ import annotations

import time

import msgspec
from msgspec.structs import replace

from imgtar.audit.packaged import SearchedBody
from imgtar.audit.secrets.collector import Secret, SecretCollector, SecretRoom
from imgtar.audit.secrets.credential_files.reader import LARGEST
from imgtar.audit.secrets.inside.search import ContentSearch, Ledger, Level, UnreadInside, is_of_interest
from imgtar.audit.secrets.kinds import GENERIC
from imgtar.layer.probes import Answers, Topic
from imgtar.limits import Limits


class FileSecrets(msgspec.Struct, frozen=True):
    """The secrets of a file by their line, and the digests of its content (`SearchedBody.digests`).

    The last `unsearched` bytes of the file were not searched because of the limit `reached`. `unread` is the first
    place inside the file that could not be read, if any, and why.
    """

    secrets: tuple[Secret, ...]
    digests: tuple[bytes, ...]
    unsearched: int = 0
    reached: str = ""
    unread: UnreadInside | None = None


FILE_SECRETS: Topic[FileSecrets] = Topic("file-secrets")
_DECODER = msgspec.msgpack.Decoder(dict[int, FileSecrets])
_OF_THE_RUN = ("secrets", "secret-time")  # limits that depend on what was searched before


class SecretProbe:
    """Searches every file, for as long as the limit `secret-time` allows, up to `secret-file-bytes` of each.

    The search ends where there is no `room` for another secret (the limit `secrets`).

    Only the time of the search counts, not the time in which the bytes arrive.
    """

    topic = FILE_SECRETS

    def __init__(self, limits: Limits, room: SecretRoom) -> None:
        self._limits = limits
        self._left = float(limits.secret_time)
        self.room = room

    def wants(self, _path: bytes, _size: int, /) -> bool:
        return True

    def watch(self, path: bytes, size: int, /) -> FileSearch | SmallFile:
        self._limits.check_deadline()
        if size <= min(LARGEST, self.file_bytes) and not self.reached:
            return SmallFile(self, path, size)
        return FileSearch(self, path, size)

    @property
    def reached(self) -> str:
        """The limit that ends the search, if one is reached."""
        return "secrets" if self.room.is_full else "" if self._left > 0 else "secret-time"

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

    @property
    def settings(self) -> bytes:
        """How much of a file is searched (`imgtar.layer.probes.LastingAnswers`)."""
        return f"{self.file_bytes} {self.inside_bytes}".encode()

    def pack(self, answers: Answers[FileSecrets], /) -> bytes | None:
        """The answers as bytes, which tell no more of a secret than a report does; None where the search ended early.

        Fingerprints only tell secrets of one file apart, so a number stands for each.
        """
        if any(found.reached in _OF_THE_RUN for found in answers.by_offset.values()):
            return None
        return msgspec.msgpack.encode({offset: _numbered(found) for offset, found in answers.by_offset.items()})

    def unpack(self, packed: bytes, /) -> Answers[FileSecrets] | None:
        """The answers in these bytes."""
        try:
            return Answers(_DECODER.decode(packed))
        except msgspec.MsgspecError:
            return None

    def fits(self, answers: Answers[FileSecrets], /) -> bool:
        """Is there a place for each secret?"""
        return not self.reached and self.room.has(_secrets(answers))

    def take(self, answers: Answers[FileSecrets], /) -> Answers[FileSecrets]:
        """Takes a place for each secret."""
        for _ in range(_secrets(answers)):
            self.room.take()
        return answers


def _secrets(answers: Answers[FileSecrets]) -> int:
    return sum(len(found.secrets) for found in answers.by_offset.values())


def _numbered(found: FileSecrets) -> FileSecrets:
    secrets = (replace(secret, fingerprint=number) for number, secret in enumerate(found.secrets))
    return replace(found, secrets=tuple(secrets))


class SmallFile:
    """A file that is looked at as a whole: nearly all are small and of no interest, and need no search."""

    __slots__ = ("_path", "_pieces", "_probe", "_size")

    def __init__(self, probe: SecretProbe, path: bytes, size: int) -> None:
        self._probe = probe
        self._path = path
        self._size = size
        self._pieces: list[bytes] = []

    def feed(self, chunk: bytes, /) -> bool:
        self._pieces.append(chunk)
        return True

    def finish(self) -> FileSecrets | None:
        body = b"".join(self._pieces)
        start = time.monotonic()
        searches = is_of_interest(self._path, body)
        self._probe.spend(time.monotonic() - start)
        if not searches:
            return None
        search = FileSearch(self._probe, self._path, self._size)
        search.feed(body)
        return search.finish()


class FileSearch:
    """The search of one file; its time counts against the budget of the probe."""

    __slots__ = ("_body", "_collector", "_fed", "_ledger", "_probe", "_reached", "_search", "_size")

    def __init__(self, probe: SecretProbe, path: bytes, size: int) -> None:
        self._probe = probe
        self._size = size
        self._fed = 0
        self._reached = probe.reached
        self._collector = SecretCollector(GENERIC.name, room=probe.room)
        self._body = SearchedBody(size)
        self._ledger = Ledger(probe.inside_bytes)
        self._search = ContentSearch(path, self._collector, Level(self._ledger))

    def feed(self, chunk: bytes, /) -> bool:
        if self._reached:
            return False
        start = time.monotonic()
        room = self._probe.file_bytes - self._fed
        if len(chunk) > room:
            chunk, self._reached = chunk[:room], "secret-file-bytes"
        self._body.feed(chunk)
        searches = self._search.feed(chunk)
        self._probe.spend(time.monotonic() - start)
        if self._probe.room.is_full:  # the rest of the chunk was not searched
            self._reached = self._probe.reached
            return False
        self._fed += len(chunk)
        if not searches:
            self._reached = ""
            return False
        if not self._reached and self._fed < self._size:
            self._reached = self._probe.reached
        return not self._reached

    def finish(self) -> FileSecrets | None:
        start = time.monotonic()
        self._search.finish()
        self._probe.spend(time.monotonic() - start)
        if not self._reached and self._probe.room.is_full:
            self._reached, self._fed = self._probe.reached, 0
        unsearched = self._size - self._fed if self._reached else 0
        if self._ledger.is_limited and not self._reached:
            unsearched, self._reached = self._size, "inside-bytes"
        # Where a limit cuts the file, its end is not damaged.
        unread = None if self._reached else self._ledger.unread(self._size)
        if not (self._collector.listed or unsearched or unread):
            return None
        secrets = tuple(sorted(self._collector.listed, key=lambda secret: (secret.inside, secret.line)))
        return FileSecrets(secrets, self._body.digests() if secrets else (), unsearched, self._reached, unread)
