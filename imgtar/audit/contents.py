"""What the bytes of the files say: secrets in every layer, also where a later one deletes them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec

from imgtar.analysis.stacked import Stacked
from imgtar.audit.accounts import PASSWD, SHADOW
from imgtar.audit.bodies import bodies, can_be_read
from imgtar.audit.filesystem import fate
from imgtar.audit.packages import is_database, owned
from imgtar.audit.secret_kinds import GENERIC, SECRET_KINDS
from imgtar.audit.secrets import Secret, find_secrets
from imgtar.findings import Effect, Finding, Kind, Severity, Where
from imgtar.image.image import ImageLayer
from imgtar.limits import LimitReached, Limits

_LARGEST_DOCUMENT = 8 << 20  # bytes of a database or account file that are kept


def _kind(name: str, what: str) -> Kind:
    return Kind(
        code=f"secret.{name}",
        severity=Severity.HIGH if name == GENERIC.name else Severity.CRITICAL,
        sentence=f"{{path}} holds what looks like {what}: {{shown}}{{gone}}",
        meaning=f"The content of a file has the form of {what}.",
        remedy="Revoke it: everyone who has the archive can read it. Pass secrets at run time or as build secrets.",
        references=("CIS-DI-0010",),
    )


SECRETS = {kind.name: _kind(kind.name, kind.what) for kind in (*SECRET_KINDS, GENERIC)}
IN_LOWER_LAYER = Kind(
    code="secret.in-lower-layer",
    severity=Severity.HIGH,
    sentence="{path} holds {what} and is gone from the final filesystem, but not from the archive{gone}",
    meaning="A secret that a later layer deletes or overwrites can still be read from its own layer.",
    remedy="Revoke it and rebuild without it: deleting it in a later step hides it from containers only.",
)
NOT_SEARCHED = Kind(
    code="audit.contents-not-searched",
    severity=Severity.MEDIUM,
    effect=Effect.INCOMPLETE,
    sentence="the files of this layer were not searched for secrets: its bytes passed in a stream",
    meaning="A pipe or a compressed archive passes once; what its files hold cannot be searched afterwards.",
    remedy="Decompress it into a file and audit that.",
)
KINDS = (*SECRETS.values(), IN_LOWER_LAYER, NOT_SEARCHED)


class LayerContents(msgspec.Struct, frozen=True):
    """Of one layer: the secrets by path, and the files that tell of users and packages."""

    secrets: dict[bytes, list[Secret]]
    documents: dict[bytes, bytes]
    finding: Finding | None = None  # why it is not all


class Searcher:
    """Searches each layer once, whichever images share it, within the time that the limit gives an image."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[int, LayerContents] = {}

    def image(self, answer: Stacked) -> list[LayerContents]:
        """The contents of each layer, base first."""
        until = time.monotonic() + self._limits.secret_time
        return [self._layer(layer, until) for layer in answer.image.layers]

    def _layer(self, layer: ImageLayer, until: float) -> LayerContents:
        known = self._known.get(id(layer.scan))
        if known is None:
            known = self._known[id(layer.scan)] = self._search(layer, until)
        return known

    def _search(self, layer: ImageLayer, until: float) -> LayerContents:
        if layer.scan is None:
            return LayerContents({}, {})
        if not can_be_read(layer):
            return LayerContents({}, {}, NOT_SEARCHED.at())
        secrets: dict[bytes, list[Secret]] = {}
        documents: dict[bytes, bytes] = {}
        wanted = {
            member.offset: path for path, member in layer.scan.entries.items() if member.type == "file" and member.size
        }
        try:
            for path, member, pieces in bodies(layer, wanted, self._limits):
                if time.monotonic() > until:
                    raise LimitReached("secret-time", self._limits.secret_time)
                self._limits.check_deadline()
                if is_database(path) or path in (PASSWD, SHADOW):
                    documents[path] = b"".join(pieces) if member.size <= _LARGEST_DOCUMENT else b""
                elif found := find_secrets(path, member.size, pieces):
                    secrets[path] = found
        except LimitReached as reached:
            return LayerContents(secrets, documents, reached.finding(Where()))
        return LayerContents(secrets, documents)


def documents(answer: Stacked, contents: list[LayerContents]) -> dict[bytes, bytes]:
    """The account files and package databases of the final filesystem."""
    found: dict[bytes, bytes] = {}
    for layer in contents:
        found.update(layer.documents)
    return {path: content for path, content in found.items() if path in answer.tree}


def secrets(answer: Stacked, contents: list[LayerContents], kept: dict[bytes, bytes]) -> Iterator[Finding]:
    """The findings of every layer; files that a package brought are left out. They lack the image."""
    packaged = {path for name, content in kept.items() if is_database(name) for path in owned(name, content)}
    for index, layer in enumerate(contents):
        if layer.finding is not None:
            yield layer.finding.within(layer=index)
        for path, found in sorted(layer.secrets.items()):
            if path in packaged:
                continue
            gone = fate(answer, index, path)
            where = Where(layer=index, path=path)
            for secret in found:
                name = b"/" + path
                yield SECRETS[secret.kind.name].at(where, None, path=name, shown=secret.shown, gone=gone)
            if gone:
                yield IN_LOWER_LAYER.at(where, None, path=b"/" + path, what=found[0].kind.what, gone=gone)
