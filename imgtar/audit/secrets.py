"""Secrets in bytes: every kind, in windows, in time that is linear in the bytes."""

from __future__ import annotations

import re
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
_PAIR = re.compile(rb"([A-Za-z_][A-Za-z0-9_.-]{0,80})=[\"']?([^\s\"']{6,400})")


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


def redact_text(text: str) -> str:
    """The text with what looks like a secret in it shortened to its first characters and its length."""
    raw = text.encode("utf-8", "surrogateescape")
    for kind in SECRET_KINDS:
        if any(literal in raw for literal in kind.literals):
            raw = kind.pattern.sub(lambda match: _without(match, match.lastindex or 0), raw)
    return _PAIR.sub(_redacted_pair, raw).decode("utf-8", "surrogateescape")


def _redacted_pair(match: re.Match[bytes]) -> bytes:
    return _without(match, 2) if is_secret_name(match[1]) and is_secret_value(match[2]) else match[0]


def _without(match: re.Match[bytes], group: int) -> bytes:
    start, end = match.start(group) - match.start(), match.end(group) - match.start()
    return match[0][:start] + redacted(match[group]).encode() + match[0][end:]
