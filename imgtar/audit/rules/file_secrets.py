"""What the bytes of the files say: secrets in every layer, also where a later one deletes them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from imgtar.analysis.stacked_image import Stacked
from imgtar.audit.package_files import PACKAGE_LISTS, is_database, owned
from imgtar.audit.rules.accounts import is_account_file
from imgtar.audit.rules.entries import fate
from imgtar.audit.secrets.kinds import GENERIC, SECRET_KINDS, SecretKind
from imgtar.audit.secrets.search import SecretSearch
from imgtar.findings import Finding, Kind, Severity, Where
from imgtar.formats.tar.path import clean
from imgtar.layer.probes import Topic
from imgtar.layer.scan import LayerScan
from imgtar.limits import LimitReached, Limits

_STORED_OVER = "; the layer itself stores over it, but it is still in the archive"
A = TypeVar("A")


def _kind(kind: SecretKind) -> Kind:
    return Kind(
        code=f"secret.{kind.name}",
        severity=Severity.HIGH if kind is GENERIC else Severity.CRITICAL,
        sentence=f"{{path}} holds what looks like {kind.what}: {{shown}}{{gone}}",
        meaning=f"The content of a file has the form of {kind.what}.",
        remedy="Revoke it: everyone who has the archive can read it. Pass secrets at run time or as build secrets.",
        references=("CIS-Docker-4.10", "CIS-DI-0010", *kind.references),
    )


SECRETS = {kind.name: _kind(kind) for kind in (*SECRET_KINDS, GENERIC)}
_WHAT = {kind.name: kind.what for kind in (*SECRET_KINDS, GENERIC)}
IN_LOWER_LAYER = Kind(
    code="secret.in-lower-layer",
    severity=Severity.HIGH,
    sentence="{path} with {what} is not in the final filesystem{gone}",
    meaning="A secret that a later layer deletes or overwrites can still be read from its own layer.",
    remedy="Revoke it and rebuild without it: deleting it in a later step hides it from containers only.",
)
KINDS = (*SECRETS.values(), IN_LOWER_LAYER)


class FoundSecret(msgspec.Struct, frozen=True, gc=False):
    """A secret in a file: the name of its kind and what may be shown of it."""

    kind: str
    shown: str


FILE_SECRETS: Topic[tuple[FoundSecret, ...]] = Topic("file-secrets")


class SecretProbe:
    """Searches the files of every layer as they pass, for as long as the limit `secret-time` allows.

    Account files and package lists are left out: they name users and files.
    """

    topic = FILE_SECRETS

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = float(limits.secret_time)

    def wants(self, path: bytes, _size: int, /) -> bool:
        return not is_account_file(path) and not is_database(path)

    def watch(self, path: bytes, size: int, /) -> _TimedSearch | None:
        self._limits.check_deadline()
        return None if self._left <= 0 else _TimedSearch(self, SecretSearch(path, size))

    def spend(self, seconds: float) -> None:
        """Takes the time of a search from the budget."""
        self._left -= seconds


class _TimedSearch:
    """The search of one file, its time taken from the budget of the probe."""

    __slots__ = ("_probe", "_search")

    def __init__(self, probe: SecretProbe, search: SecretSearch) -> None:
        self._probe = probe
        self._search = search

    def feed(self, chunk: bytes, /) -> bool:
        start = time.monotonic()
        more = self._search.feed(chunk)
        self._probe.spend(time.monotonic() - start)
        return more

    def finish(self) -> tuple[FoundSecret, ...] | None:
        start = time.monotonic()
        found = tuple(FoundSecret(secret.kind.name, secret.shown) for secret in self._search.finish())
        self._probe.spend(time.monotonic() - start)
        return found or None


def secrets(answer: Stacked, limits: Limits) -> Iterator[Finding]:
    """The secrets of every layer; files that a package brought are left out. The findings lack the image."""
    scans = answer.tree.scans
    packaged = {
        _unmerged(owner)
        for scan in scans
        for path, document, _ in _located(scan, PACKAGE_LISTS)
        for owner in owned(path, document)
    }
    for index, scan in enumerate(scans):
        if scan is not None and not scan.answers.of(FILE_SECRETS).complete:
            yield LimitReached("secret-time", limits.secret_time, Where(layer=index)).finding()
        for path, found, stands in _located(scan, FILE_SECRETS):
            if _unmerged(path) not in packaged:
                removed_in, gone = fate(answer, index, path) if stands else (index, _STORED_OVER)
                yield from _file(Where(layer=index, path=path, removed_in=removed_in), found, gone)


def _file(where: Where, found: tuple[FoundSecret, ...], gone: str) -> Iterator[Finding]:
    path = b"/" + (where.path or b"")
    for secret in found:
        yield SECRETS[secret.kind].at(where, None, path=path, shown=secret.shown, gone=gone)
    if gone:
        yield IN_LOWER_LAYER.at(where, None, path=path, what=_WHAT[found[0].kind], gone=gone)


def _located(scan: LayerScan | None, topic: Topic[A]) -> Iterator[tuple[bytes, A, bool]]:
    """Path, answer of the probe, and whether the layer itself leaves the file where it is; sorted by path."""
    answers = {} if scan is None else scan.answers.of(topic).by_offset
    if scan is None or not answers:
        return
    standing = {member.offset: path for path, member in scan.entries.items() if member.offset in answers}
    strays = {member.offset: clean(member.name) for member in scan.strays}
    for path, offset in sorted((standing.get(offset, strays.get(offset, b"")), offset) for offset in answers):
        yield path, answers[offset], offset in standing


def _unmerged(path: bytes) -> bytes:
    """The path without `usr/`: databases name files by the links that the directories of the root have become."""
    return path.removeprefix(b"usr/")
