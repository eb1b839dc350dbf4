"""The reading of one file as a credential file, by its path, or as a key store, by its first byte."""

from __future__ import annotations

import re

import msgspec

from imgtar.audit.secrets.collector import SecretCollector
from imgtar.audit.secrets.credential_files import builds, key_stores, logins, services, texts
from imgtar.audit.secrets.credential_files.kind import CredentialFile
from imgtar.audit.secrets.window import Window
from imgtar.severity import Severity

LARGEST = 256 << 10  # bytes of the largest file that is read as a credential file
FILES = (*logins.FILES, *builds.FILES, *services.FILES, *texts.FILES)
_NAMES = [(kind, re.compile(kind.name, re.IGNORECASE), re.compile(kind.folder)) for kind in FILES]
_ANY_NAME = re.compile(b"|".join(b"(?:" + kind.name + b")" for kind in FILES), re.IGNORECASE)


class CredentialKind(msgspec.Struct, frozen=True):
    """What a finding says of a kind."""

    code: str
    description: str
    severity: Severity


CREDENTIAL_KINDS = tuple(
    CredentialKind(kind.code, kind.description, kind.severity) for kind in (*FILES, *key_stores.STORES)
)


class CredentialReader:
    """Keeps the bytes of a file that may hold credentials. The collector takes the secrets at the end."""

    __slots__ = ("_collector", "_files", "_pieces", "_undecided")

    def __init__(self, path: bytes, size: int, collector: SecretCollector) -> None:
        self._collector = collector
        self._files = _files(path) if size <= LARGEST else []
        self._pieces: list[bytes] = []
        self._undecided = size <= LARGEST and not self._files  # whether to keep the bytes

    def feed(self, chunk: bytes, /) -> bool:
        """Takes the next bytes; False if no more are needed."""
        if self._undecided and chunk:
            self._undecided = False
            if chunk[0] not in key_stores.FIRST_BYTES:
                return False
            self._pieces.append(chunk)
        elif self._files or self._pieces:
            self._pieces.append(chunk)
        return bool(self._files or self._pieces or self._undecided)

    def finish(self) -> None:
        """Takes the secrets from the bytes that were fed."""
        body = b"".join(self._pieces)
        if not body:
            return
        window = Window(body)
        codes = {secret: kind.code for kind in reversed(self._files) for secret in kind.find(body)}
        for store, secret in key_stores.key_stores(body):
            if secret is body:
                self._collector.add(store.code, body, window, 0, f"{len(body):,} bytes")
            else:
                codes[secret] = store.code
        for secret, code in codes.items():
            self._collector.add(code, secret, window, max(0, body.find(secret)))


def _files(path: bytes) -> list[CredentialFile]:
    folder, slash, name = path.rpartition(b"/")
    if _ANY_NAME.fullmatch(name) is None:
        return []
    return [
        kind
        for kind, pattern, within in _NAMES
        if pattern.fullmatch(name) is not None and within.search(folder + slash) is not None
    ]
