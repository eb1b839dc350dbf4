"""The reading of one file as a credential file, by its path, or as a key store, by its first byte."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from imgtar.audit.secrets.collector import SecretCollector
from imgtar.audit.secrets.credential_files import builds, key_stores, logins, services, texts
from imgtar.audit.secrets.credential_files.kind import CredentialFile
from imgtar.audit.secrets.window import Window
from imgtar.severity import Severity

LARGEST = 256 << 10  # bytes of the largest text that people write, and of the largest key store, that is read
LARGEST_BY_STRUCTURE = 8 << 20  # bytes of the largest file with a structure that is read: programs write some of them
_GROUPS = (logins.FILES, builds.FILES, services.FILES, texts.FILES)
FILES = (*logins.FILES, *builds.FILES, *services.FILES, *texts.FILES)


def _any_name(kinds: Iterable[CredentialFile]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(b"(?:" + kind.name + b")" for kind in kinds), re.IGNORECASE)


_ANY_NAME = _any_name(FILES)
_NAMES = [
    (_any_name(group), [(kind, _any_name([kind]), re.compile(kind.folder)) for kind in group]) for group in _GROUPS
]


class CredentialKind(msgspec.Struct, frozen=True):
    """What a finding says of a kind."""

    code: str
    description: str
    severity: Severity


CREDENTIAL_KINDS = tuple(
    CredentialKind(kind.code, kind.description, kind.severity) for kind in (*FILES, *key_stores.STORES)
)


class CredentialReader:
    """Keeps the bytes of a file that may hold credentials. The collector takes the secrets at the end.

    `is_too_large`: the file has the name of a credential file and more bytes than are kept.
    """

    __slots__ = ("_collector", "_files", "_pieces", "_size", "_undecided", "is_too_large")

    def __init__(self, path: bytes, collector: SecretCollector) -> None:
        self._collector = collector
        self._files = _files(path)
        self._pieces: list[bytes] = []
        self._size = 0  # of the pieces together
        self._undecided = not self._files  # whether to keep the bytes
        self.is_too_large = False

    def feed(self, chunk: bytes, /) -> bool:
        """Takes the next bytes; False if no more are needed."""
        if self._undecided and chunk:
            self._undecided = False
            if chunk[0] not in key_stores.FIRST_BYTES:
                return False
            self._keep(chunk)
        elif self._files or self._pieces:
            self._keep(chunk)
        return bool(self._files or self._pieces or self._undecided)

    def _keep(self, chunk: bytes) -> None:
        self._pieces.append(chunk)
        self._size += len(chunk)
        if self._size > LARGEST:
            self._files = [kind for kind in self._files if kind not in texts.FILES]
            self.is_too_large = bool(self._files) and self._size > LARGEST_BY_STRUCTURE
            if not self._files or self.is_too_large:
                self._files = []
                self._pieces.clear()

    def finish(self) -> None:
        """Takes the secrets from the bytes that were fed."""
        body = b"".join(self._pieces)
        if not body:
            return
        window = Window(body)
        codes = {secret: kind.code for kind in reversed(self._files) for secret in kind.find(body)}
        for store, secret in key_stores.key_stores(body) if len(body) <= LARGEST else ():
            if secret is body:
                self._collector.add(store.code, body, window, 0, f"{len(body):,} bytes")
            else:
                codes[secret] = store.code
        for secret, code in codes.items():
            self._collector.add(code, secret, window, max(0, body.find(secret)))


def is_credential_file(path: bytes, body: bytes) -> bool:
    """May a whole file of at most 256 KiB be a credential file or a key store? Only then a reader finds anything."""
    return body[:1] in key_stores.FIRST_BYTES or any(
        kind.may_hold is None or kind.may_hold(body) for kind in _files(path)
    )


def _files(path: bytes) -> list[CredentialFile]:
    if _ANY_NAME.fullmatch(path, path.rfind(b"/") + 1) is None:
        return []
    folder, slash, name = path.rpartition(b"/")
    return [
        kind
        for any_of_group, group in _NAMES
        if any_of_group.fullmatch(name) is not None
        for kind, pattern, within in group
        if pattern.fullmatch(name) is not None and within.search(folder + slash) is not None
    ]
