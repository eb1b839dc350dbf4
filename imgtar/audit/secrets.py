"""Secrets in bytes: every kind, in windows, in time that is linear in the bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from imgtar.audit.secret_kinds import (
    GENERIC,
    SECRET_KINDS,
    SecretKind,
    entropy,
    is_secret_name,
    is_secret_value,
    redacted,
)

LARGEST = 10 << 20  # bytes of a file that are searched
_WINDOW = 64 << 10
_OVERLAP = 1 << 10
_SMALL = 64 << 10  # a configuration file
_CONFIGURATION = (
    *(b".env", b".ini", b".conf", b".cfg", b".cnf", b".yml", b".yaml", b".toml", b".properties", b".json", b".xml"),
    *(b".sh", b".txt", b"rc", b"profile", b"credentials", b"config"),
)


class Secret(msgspec.Struct, frozen=True):
    """A secret that was found: its kind and what may be shown of it."""

    kind: SecretKind
    shown: str


def find_secrets(path: bytes, size: int, chunks: Iterable[bytes]) -> list[Secret]:
    """The secrets of a file, each kind once. A file with a NUL in its first bytes is taken for a program."""
    found: dict[str, Secret] = {}
    configuration = size <= _SMALL and path.endswith(_CONFIGURATION)
    for number, window in enumerate(_windows(chunks)):
        if number == 0 and b"\0" in window[:1024]:
            return []
        for kind in SECRET_KINDS:
            if kind.name not in found and any(literal in window for literal in kind.literals):
                _search(kind, window, found)
        if configuration and GENERIC.name not in found:
            _generic(window, found)
    return list(found.values())


def _windows(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces of 64 KiB, each with the last KiB of the one before, of at most the first 10 MiB."""
    kept = b""
    read = 0
    for chunk in chunks:
        for start in range(0, len(chunk), _WINDOW):
            window = kept + chunk[start : start + _WINDOW]
            yield window
            kept = window[-_OVERLAP:]
        read += len(chunk)
        if read >= LARGEST:
            return


def _search(kind: SecretKind, window: bytes, found: dict[str, Secret]) -> None:
    for match in kind.pattern.finditer(window):
        secret = match[match.lastindex or 0]
        if entropy(secret) >= kind.entropy and (kind.name != "url-password" or is_secret_value(secret)):
            found[kind.name] = Secret(kind, redacted(secret))
            return


def _generic(window: bytes, found: dict[str, Secret]) -> None:
    for match in GENERIC.pattern.finditer(window):
        name, secret = match[1], match[2]
        if is_secret_name(name) and is_secret_value(secret) and entropy(secret) >= GENERIC.entropy:
            found[GENERIC.name] = Secret(GENERIC, redacted(secret))
            return
