"""The libraries of a Java archive: what Maven and the manifest say of it and of the archives in it.

`META-INF/maven/GROUP/NAME/pom.properties` has group, name and version. Without one the file name says `NAME-VERSION`,
and `META-INF/MANIFEST.MF` the version where that name has none, and sometimes the group. Archives in an archive are
looked into three levels deep.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from imgtar.packages.installed import Installed, InstalledPackages, fact

ENDINGS = (b".jar", b".war", b".ear")
_DEEPEST = 3  # levels of archives in each other
_MOST_ENTRIES = 100_000  # of all archives in one file; each takes about 0.6 kB
_MOST_NESTED = 2_000  # archives in one file
_LONGEST_TEXT = 1 << 20  # bytes of a manifest or of properties
_LONGEST_NESTED = 32 << 20  # bytes of one archive in another one
_LONGEST_TOGETHER = 256 << 20  # decompressed bytes of one file
_MAGIC, _ENTRY = b"PK\x03\x04", b"PK\x01\x02"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # others may allocate what they like
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError),
    *(RuntimeError, ValueError, OverflowError, EOFError, OSError),
)
_LINE = re.compile(rb"^([A-Za-z-]+)[ \t]*[=:][ \t]*([^\r\n]*)", re.MULTILINE)


def is_inventory(path: bytes) -> bool:
    """Is this an archive of Java by its name?"""
    return path.endswith(ENDINGS)


def location(path: bytes) -> bytes:
    """The archive itself."""
    return path


def installed(path: bytes, content: bytes) -> InstalledPackages:
    """The library of the archive, and those of the archives in it, named `GROUP:NAME` where Maven built them."""
    reading = _Reading()
    packages = tuple(reading.archive(path.rpartition(b"/")[2], content, 0))
    return InstalledPackages(packages, reading.problem)


class _Reading:
    """One archive with all that is in it, within the bounds of all of them together."""

    def __init__(self) -> None:
        self.problem = ""
        self._entries = _MOST_ENTRIES
        self._nested = _MOST_NESTED
        self._bytes = _LONGEST_TOGETHER

    def archive(self, name: bytes, content: bytes, depth: int) -> Iterator[Installed]:
        """The packages of one archive; its own come first."""
        if content.count(_ENTRY) > self._entries:
            self.problem = f"more than {_MOST_ENTRIES} entries"
            return
        try:
            with zipfile.ZipFile(BytesIO(content)) as opened:
                members = opened.infolist()
                self._entries -= len(members)
                yield from self._own(name, opened, members)
                yield from self._inner(opened, members, depth)
        except _UNREADABLE:
            self.problem = "an archive that cannot be read"

    def _own(self, name: bytes, opened: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Iterator[Installed]:
        """What Maven says, first the library that gave the archive its name: a shaded archive names others too."""
        stem = fact(name.rpartition(b".")[0])
        manifest = b""
        own: list[Installed] = []
        shaded: list[Installed] = []
        for member in members:
            inner = member.filename
            if inner.startswith("META-INF/maven/") and inner.endswith("/pom.properties"):
                stated = dict(_LINE.findall(self._read(opened, member, _LONGEST_TEXT)))
                group, artifact, version = (
                    fact(stated.get(key, b"")) for key in (b"groupId", b"artifactId", b"version")
                )
                if artifact and version:
                    is_own = stem == artifact or stem.startswith(f"{artifact}-{version}")
                    (own if is_own else shaded).append(Installed(_library(group, artifact), version))
            elif inner == "META-INF/MANIFEST.MF":
                manifest = self._read(opened, member, _LONGEST_TEXT)
        yield from own
        yield from shaded
        if not own and not shaded:
            yield from _named(name, _main_section(manifest))

    def _inner(self, opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], depth: int) -> Iterator[Installed]:
        for member in members:
            inner = member.filename.encode("utf-8", "surrogatepass")
            if not inner.endswith(ENDINGS):
                continue
            if depth == _DEEPEST or not self._nested:
                self.problem = "archives in it that are too many or too deep"
                return
            self._nested -= 1
            content = self._read(opened, member, _LONGEST_NESTED)
            if content.startswith(_MAGIC):
                yield from self.archive(inner.rpartition(b"/")[2], content, depth + 1)

    def _read(self, opened: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
        """The content of an entry; empty where it has more bytes than `most`."""
        if member.compress_type not in _METHODS or self._bytes <= 0:
            self.problem = "entries that are too large, or compressed in a way that is not read"
            return b""
        with opened.open(member) as stream:
            content = stream.read(most + 1)
        self._bytes -= len(content)
        if len(content) > most:
            self.problem = "entries that are too large"
            return b""
        return content


def _main_section(manifest: bytes) -> dict[bytes, bytes]:
    """What a manifest says of the whole archive, above the first empty line; a line goes on behind a blank."""
    return dict(_LINE.findall(manifest.replace(b"\r\n", b"\n").partition(b"\n\n")[0].replace(b"\n ", b"")))


def _named(name: bytes, manifest: dict[bytes, bytes]) -> Iterator[Installed]:
    """The library that the file name says: titles of a manifest are prose. A group is only what Maven wrote there."""
    stem = name.rpartition(b".")[0]
    stated = next((manifest[key] for key in _VERSIONS if manifest.get(key)), b"")
    matched = _VERSIONED.fullmatch(stem)
    artifact, version = (stem, stated) if matched is None else (matched[1], matched[2])
    group = manifest.get(_GROUP, b"")
    if artifact and version:
        yield Installed(_library(fact(group) if _GROUP_NAME.fullmatch(group) else "", fact(artifact)), fact(version))


def _library(group: str, artifact: str) -> str:
    return f"{group}:{artifact}" if group else artifact


_VERSIONS = (b"Implementation-Version", b"Bundle-Version", b"Specification-Version")
_GROUP = b"Implementation-Vendor-Id"
_GROUP_NAME = re.compile(rb"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_VERSIONED = re.compile(rb"(.+?)-([0-9][^/]*)", re.DOTALL)
