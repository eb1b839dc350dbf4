"""What the bytes of the files say: secrets in every layer, also where a later one deletes them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec

from imgtar.analysis.stacked_image import Stacked
from imgtar.audit.package_files import is_database, owned
from imgtar.audit.rules.accounts import PASSWD, SHADOW
from imgtar.audit.rules.entries import fate
from imgtar.audit.secrets.kinds import GENERIC, SECRET_KINDS, SecretKind
from imgtar.audit.secrets.search import Secret, find_secrets
from imgtar.findings import Finding, Kind, Severity, Where
from imgtar.layer.paths import clean
from imgtar.layer.scan import LayerScan
from imgtar.limits import LimitReached, Limits

_STORED_OVER = "; the layer itself stores over it, but it is still in the archive"
_KEPT = 64 << 20  # bytes of package databases and account files


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
IN_LOWER_LAYER = Kind(
    code="secret.in-lower-layer",
    severity=Severity.HIGH,
    sentence="{path} with {what} is not in the final filesystem{gone}",
    meaning="A secret that a later layer deletes or overwrites can still be read from its own layer.",
    remedy="Revoke it and rebuild without it: deleting it in a later step hides it from containers only.",
)
KINDS = (*SECRETS.values(), IN_LOWER_LAYER)


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What a file holds: secrets, or, of one that tells of users or packages, all of it. `searched`: in time."""

    secrets: tuple[Secret, ...] = ()
    document: bytes | None = None
    searched: bool = True


_UNSEARCHED = Seen(searched=False)


class Searcher:
    """Looks at every file of every layer as it passes, for as long as the limit `secret-time` allows."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = float(limits.secret_time)
        self._room = _KEPT

    def __call__(self, name: bytes, size: int, body: Iterator[bytes]) -> Seen | None:
        """What is worth remembering of a file; None where there is nothing."""
        if self._left <= 0:
            return _UNSEARCHED
        start = time.monotonic()
        try:
            return self._look(clean(name) or b"", size, body)
        finally:
            self._left -= time.monotonic() - start

    def _look(self, path: bytes, size: int, body: Iterator[bytes]) -> Seen | None:
        self._limits.check_deadline()
        if (path in (PASSWD, SHADOW) or is_database(path)) and size <= self._room:
            self._room -= size
            return Seen(document=b"".join(body))
        found = find_secrets(path, size, body)
        return Seen(secrets=tuple(found)) if found else None


def account_file(answer: Stacked, path: bytes) -> bytes:
    """What the final filesystem has at the path of an account file; empty where it has none."""
    if path not in answer.tree:
        return b""
    standing = answer.tree.standing(path)
    scan = answer.tree.scans[standing.scan_layer]
    seen = None if scan is None else scan.seen.get(standing.member.offset)
    return (seen.document if isinstance(seen, Seen) else None) or b""


def secrets(answer: Stacked, limits: Limits) -> Iterator[Finding]:
    """The secrets of every layer; files that a package brought are left out. The findings lack the image."""
    layers = [list(_seen(scan)) for scan in answer.tree.scans]
    packaged = {
        _unmerged(owner)
        for layer in layers
        for path, seen, _ in layer
        if seen.document is not None
        for owner in owned(path, seen.document)
    }
    for index, layer in enumerate(layers):
        if not all(seen.searched for _, seen, _ in layer):
            yield LimitReached("secret-time", limits.secret_time, Where(layer=index)).finding()
        for path, seen, stands in layer:
            if seen.secrets and _unmerged(path) not in packaged:
                removed_in, gone = fate(answer, index, path) if stands else (index, _STORED_OVER)
                yield from _file(Where(layer=index, path=path, removed_in=removed_in), seen.secrets, gone)


def _file(where: Where, found: tuple[Secret, ...], gone: str) -> Iterator[Finding]:
    path = b"/" + (where.path or b"")
    for secret in found:
        yield SECRETS[secret.kind.name].at(where, None, path=path, shown=secret.shown, gone=gone)
    if gone:
        yield IN_LOWER_LAYER.at(where, None, path=path, what=found[0].kind.what, gone=gone)


def _seen(scan: LayerScan | None) -> Iterator[tuple[bytes, Seen, bool]]:
    """Path, answer of the look, and whether the layer itself leaves the file where it is; sorted by path."""
    if scan is None or not scan.seen:
        return
    standing = {member.offset: path for path, member in scan.entries.items() if member.offset in scan.seen}
    strays = {member.offset: clean(member.name) or b"" for member in scan.strays}
    named = [(standing.get(offset, strays.get(offset, b"")), offset) for offset in scan.seen]
    for path, offset in sorted(named):
        seen = scan.seen[offset]
        if isinstance(seen, Seen):
            yield path, seen, offset in standing


def _unmerged(path: bytes) -> bytes:
    """The path without `usr/`: databases name files by the links that the directories of the root have become."""
    return path.removeprefix(b"usr/")
